"""Doors of the response: the personal link and the live page."""

from django.urls import URLPattern, URLResolver

app_name = "responders"
urlpatterns: list[URLPattern | URLResolver] = []
