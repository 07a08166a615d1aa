"""Doors of the record: her pages, the phone's API, hooks of the networks, the outbox of the demonstration."""

from django.urls import URLPattern, URLResolver, path

from alerts.api.service import api
from alerts.views import hooks, outbox, public

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

demonstration: list[URLPattern | URLResolver] = [
    path("outbox/", outbox.page, name="outbox"),
    path("outbox/messages/", outbox.messages, name="outbox_messages"),
    path("outbox/calls/<uuid:delivery>/keys/", outbox.keys, name="outbox_keys"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *public_pages,
    path("api/v1/", api.urls),
    *hooks_of_networks,
    *demonstration,
]
