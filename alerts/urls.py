"""Doors of the record: her pages, the phone's API, hooks of the networks, the outbox of the demonstration."""

from django.urls import URLPattern, URLResolver, path

from alerts.api.service import api
from alerts.views import public

app_name = "alerts"

public_pages: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("exit/", public.leave, name="exit"),
    path("legal/", public.text_page, {"name": "legal"}, name="legal"),
    path("accessibility/", public.text_page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", public.text_page, {"name": "privacy"}, name="privacy"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *public_pages,
    path("api/v1/", api.urls),
]
