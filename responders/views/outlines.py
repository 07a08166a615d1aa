"""The communes around her, for a map without pictures."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts import places
from alerts.domain import tracking
from responders.domain import outlining, visiting
from responders.views import doors

KILOMETRES = 20


@require_safe
def outlines(request: HttpRequest, place: str) -> HttpResponse:
    """The outlines within twenty kilometres of her newest position; none after the end, or while it is not known.

    Where that is stands in no address: nobody's log tells it.
    """
    now = timezone.now()
    visit = visiting.find(place, doors.browser_key(request), now=now)
    if visit is None:
        return doors.no_place_json()
    alert = visit.link.alert
    newest = tracking.newest(alert) if alert.is_live(now) else None
    around = places.outlines(newest.latitude, newest.longitude, KILOMETRES) if newest else ()
    return JsonResponse(outlining.told(around), json_dumps_params={"separators": (",", ":"), "ensure_ascii": False})
