"""Every door of the service. `tests/test_shape.py` declares who may open each."""

from django.contrib import admin
from django.urls import include, path

from alerts.api.service import api
from responders.views import her_seat
from sherif_web import health

api.add_router("", her_seat.router)  # the record's API knows nothing of the response: they meet here, before both open

handler400 = "sherif_web.errors.bad_request"
handler403 = "sherif_web.errors.forbidden"
handler404 = "sherif_web.errors.not_found"
handler500 = "sherif_web.errors.server_error"

urlpatterns = [
    path("", include("responders.urls")),
    path("", include("alerts.urls")),
    path("account/", include("sherif_web.accounts")),
    path("admin/", admin.site.urls),
    path("healthz", health.alive, name="alive"),
    path("readyz", health.ready, name="ready"),
    path("metrics", health.metrics, name="metrics"),
]
