"""Two hosts: links of alerts on the public one, her pages on the neutral one. Neither shows what the other holds.

Where SHERIF_HER_URL is not set they are one, and this does nothing.
"""

from collections.abc import Callable
from urllib.parse import urlsplit

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse

HERS = ("/profile/", "/account/", "/phone/", "/association/", "/admin/")
OF_ALERTS = ("/r/", "/c/", "/alert/", "/consent/", "/tiles/", "/outbox/")


class TwoHosts:
    """The same 404 as for an address that does not exist: who knows one host learns nothing of the other."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Go on where this page lives."""
        return self._get_response(request)

    def process_view(self, request: HttpRequest, *_: object) -> None:
        """Raise Http404 on the wrong host. After routing, so that the page of the error is the usual one."""
        public, hers = urlsplit(settings.SHERIF.public_url).netloc, urlsplit(settings.SHERIF.her_url).netloc
        if public == hers:
            return
        elsewhere = {public: HERS, hers: OF_ALERTS}.get(request.get_host(), ())
        if request.path.startswith(elsewhere):
            raise Http404
