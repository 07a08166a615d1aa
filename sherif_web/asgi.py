"""The service as one ASGI application: pages and API by Django, sockets by Channels."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sherif_web.settings")
pages = get_asgi_application()

from responders.routing import sockets  # noqa: E402 - models exist only once Django is set up
from sherif_web.admission import Admission, ByPath  # noqa: E402

# Pictures may wait for somebody else's server. They have desks of their own: no click ever waits behind them.
doors = ByPath({"/tiles/": Admission(pages, desks=6, waiting=300)}, otherwise=Admission(pages))
application = ProtocolTypeRouter({"http": doors, "websocket": sockets})
