"""Doors of the record: her pages, the phone's API, hooks of the networks, the outbox of the demonstration."""

from django.urls import URLPattern, URLResolver, path

from alerts.views import hooks, public

app_name = "alerts"

public_pages: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("exit/", public.leave, name="exit"),
    path("legal/", public.text_page, {"name": "legal"}, name="legal"),
    path("accessibility/", public.text_page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", public.text_page, {"name": "privacy"}, name="privacy"),
]

hooks_of_networks: list[URLPattern | URLResolver] = [
    path("hooks/twilio/status/<uuid:delivery>/", hooks.status, name="twilio_status"),
    path("hooks/twilio/voice/<uuid:delivery>/keys/", hooks.keys, name="twilio_keys"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *public_pages,
    *hooks_of_networks,
]
