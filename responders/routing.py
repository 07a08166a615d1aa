"""The socket's door."""

from channels.routing import URLRouter
from django.urls import path, re_path

from responders.consumers import AlertSocket, Nowhere

sockets = URLRouter(
    [
        path("ws/alert/<str:place>/", AlertSocket.as_asgi()),  # type: ignore[arg-type, list-item]
        re_path(r"", Nowhere.as_asgi()),  # type: ignore[arg-type, list-item]
    ]
)
