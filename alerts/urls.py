"""Doors of the record: her pages, the phone's API, hooks of the networks, the outbox of the demonstration."""

from django.urls import URLPattern, URLResolver

app_name = "alerts"
urlpatterns: list[URLPattern | URLResolver] = []
