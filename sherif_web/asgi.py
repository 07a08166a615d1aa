"""The service as one ASGI application: pages and API by Django, sockets by Channels."""

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "sherif_web.settings")
pages = get_asgi_application()

from responders.routing import sockets  # noqa: E402 - models exist only once Django is set up
from sherif_web.admission import Admission  # noqa: E402

application = ProtocolTypeRouter({"http": Admission(pages), "websocket": sockets})
