"""The floor of a click: one Django view that does one INSERT, on the same Daphne, the same SQLite, the same client.

No token, no check, no queue: what any Django service pays before it does anything.
"""

from daphne.server import Server  # isort: skip - Daphne comes before anything that touches Twisted
import json
import sys
import uuid

import django
from django.conf import settings
from django.core.asgi import get_asgi_application
from django.db import connection
from django.http import HttpRequest, JsonResponse
from django.urls import path
from django.views.decorators.csrf import csrf_exempt

_TABLE = "CREATE TABLE IF NOT EXISTS click (id TEXT PRIMARY KEY, gesture TEXT NOT NULL, clicked_at TEXT NOT NULL)"


@csrf_exempt
def insert(request: HttpRequest) -> JsonResponse:
    """Store what the phone sent."""
    sent = json.loads(request.body)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO click (id, gesture, clicked_at) VALUES (%s, %s, %s)",
            [sent["id"], sent["gesture"], sent["clicked_at"]],
        )
    return JsonResponse({"alert": {"id": str(uuid.uuid4())}}, status=201)


urlpatterns = [path("api/v1/clicks", insert)]


def main(database: str) -> None:
    """Serve until the process is ended."""
    options = {"transaction_mode": "IMMEDIATE", "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL"}
    settings.configure(
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        SECRET_KEY=uuid.uuid4().hex,
        DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": database, "OPTIONS": options}},
    )
    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(_TABLE)
    server = Server(get_asgi_application(), endpoints=["tcp:0:interface=127.0.0.1:backlog=1024"])
    server.ready_callable = lambda: print(f"ready {server.listening_addresses[0][1]}", flush=True)
    server.run()


if __name__ == "__main__":
    main(sys.argv[1])
