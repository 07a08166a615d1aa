"""The socket's door."""

from django.urls import URLPattern

websocket_urlpatterns: list[URLPattern] = []
