"""Doors of the record: her pages, the phone's API, hooks of the networks, the outbox of the demonstration."""

from django.urls import URLPattern, URLResolver, path

from alerts.views import companion, public

app_name = "alerts"

public_pages: list[URLPattern | URLResolver] = [
    path("", public.home, name="home"),
    path("exit/", public.leave, name="exit"),
    path("legal/", public.text_page, {"name": "legal"}, name="legal"),
    path("accessibility/", public.text_page, {"name": "accessibility"}, name="accessibility"),
    path("privacy/", public.text_page, {"name": "privacy"}, name="privacy"),
]

companion_pages: list[URLPattern | URLResolver] = [
    path("phone/", companion.page, name="phone"),
    path("phone/manifest.webmanifest", companion.manifest, name="phone_manifest"),
    path("phone/sw.js", companion.worker, name="phone_worker"),
]

urlpatterns: list[URLPattern | URLResolver] = [
    *public_pages,
    *companion_pages,
]
