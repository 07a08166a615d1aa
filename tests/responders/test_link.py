"""The personal link: a neutral page that changes nothing, a human gesture, a place without the token."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from alerts.domain import alerting, timeline
from alerts.models import Alert, Event, Link, Look
from alerts.states import AlertState, DeliveryState, EventKind
from responders.models import Visit
from tests.people import NADIA, THOMAS, YANN
from tests.responders.scenes import KEY, cut_off, open_place, rescue, token_of

pytestmark = pytest.mark.django_db
DEAD = ("forged", "over", "cut off")


def _browser() -> Client:
    return Client(headers={"accept-language": "fr"})


def test_looking_at_the_link_changes_nothing() -> None:
    alert = rescue()
    token = token_of(alert, NADIA)
    before = (Event.objects.count(), Look.objects.count(), Visit.objects.count())

    shown = [_browser().get(f"/r/{token}"), _browser().head(f"/r/{token}")]

    assert [page.status_code for page in shown] == [200, 200]
    assert (Event.objects.count(), Look.objects.count(), Visit.objects.count()) == before
    assert token not in shown[0].content.decode()
    assert "Marie" not in shown[0].content.decode()


def test_the_link_page_tells_no_other_site_and_no_cache() -> None:
    page = _browser().get(f"/r/{token_of(rescue(), NADIA)}")

    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert "noindex" in page.headers["X-Robots-Tag"]


def test_a_gesture_opens_the_place_and_tells_everybody() -> None:
    alert = rescue()
    token = token_of(alert, NADIA)
    browser = _browser()

    answer = browser.post(f"/r/{token}")

    link = Link.objects.get(alert=alert, contact__rank=1)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/alert/{link.place}/")
    assert link.opened_at is not None
    assert link.tokens.get().delivery.state == DeliveryState.OPENED  # type: ignore[union-attr]
    assert Event.objects.filter(alert=alert, kind=EventKind.LINK_OPENED).count() == 1
    assert browser.get(answer.headers["Location"]).status_code == 200


def test_the_cookie_is_a_random_key_kept_as_a_hash() -> None:
    browser = _browser()
    browser.post(f"/r/{token_of(rescue(), NADIA)}")

    cookie = browser.cookies[settings.VISIT_COOKIE_NAME]
    assert len(cookie.value) == len(KEY)
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie.value not in Visit.objects.get().browser_hash


def test_one_browser_holds_many_places() -> None:
    alert = rescue()
    browser = _browser()

    places = [browser.post(f"/r/{token_of(alert, person)}").headers["Location"] for person in (NADIA, THOMAS)]

    assert len(set(Visit.objects.values_list("browser_hash", flat=True))) == 1
    assert [browser.get(place).status_code for place in places] == [200, 200]


def test_a_key_that_somebody_planted_is_not_taken() -> None:
    browser = _browser()
    browser.cookies[settings.VISIT_COOKIE_NAME] = KEY
    browser.post(f"/r/{token_of(rescue(), NADIA)}")

    assert browser.cookies[settings.VISIT_COOKIE_NAME].value != KEY


def test_a_second_device_is_never_silent() -> None:
    alert = rescue()
    token = token_of(alert, NADIA)

    for browser in (_browser(), _browser()):
        browser.post(f"/r/{token}")

    lines = Event.objects.filter(alert=alert, kind=EventKind.LINK_OPENED).order_by("sequence")
    assert [line.by for line in lines] == ["page", "device"]
    with override("fr"):
        assert timeline.words(lines[1]) == "Nadia a ouvert le lien (sur un autre appareil)"


def test_another_site_may_not_open_it() -> None:
    alert = rescue()
    token = token_of(alert, NADIA)

    foreign = [{"origin": "https://paul.example"}, {"sec-fetch-site": "cross-site"}, {"sec-fetch-site": "same-site"}]
    answers = [Client(headers=headers).post(f"/r/{token}") for headers in foreign]

    assert [answer.status_code for answer in answers] == [403, 403, 403]
    assert not Visit.objects.exists()


def test_our_own_form_under_no_referrer_may() -> None:
    own = {"origin": "null", "sec-fetch-site": "same-origin"}

    assert Client(headers=own).post(f"/r/{token_of(rescue(), NADIA)}").status_code == 303


def _dead(alert: Alert, how: str) -> str:
    token = token_of(alert, NADIA)
    if how == "over":
        alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    elif how == "cut off":
        cut_off(alert, NADIA)
    return "forged" if how == "forged" else token


@pytest.mark.parametrize("method", ["get", "post"])
def test_every_dead_link_is_one_and_the_same_page(method: str) -> None:
    bodies = set()
    for number, how in enumerate(DEAD):
        token = _dead(rescue(f"marie-{number}"), how)
        page = getattr(_browser(), method)(f"/r/{token}")
        assert page.status_code == 404
        bodies.add(page.content)

    text = bodies.pop().decode()
    assert not bodies
    assert all(number in text for number in ("tel:17", "sms:114", "tel:112"))


def test_a_stranger_at_a_place_reads_the_dead_page() -> None:
    alert = rescue()
    place, _browser_of_nadia = open_place(alert, NADIA)
    _other, stranger = open_place(alert, THOMAS)

    pages = [
        _browser().get(place),
        stranger.get(place, headers={"accept-language": "fr"}),
        _browser().get("/alert/forged/"),
        _browser().get("/r/forged"),
    ]

    assert [page.status_code for page in pages] == [404] * 4
    assert len({page.content for page in pages}) == 1


def test_who_opened_before_the_end_reads_for_a_day_how_it_ended() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())

    page = nadia.get(place)
    assert page.status_code == 200
    assert "Marie a mis fin" in page.content.decode()
    assert "49.41" not in page.content.decode()

    Alert.objects.filter(pk=alert.pk).update(ended_at=timezone.now() - timedelta(hours=24, minutes=1))
    assert nadia.get(place).status_code == 404


def test_who_is_cut_off_reads_the_dead_page() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    cut_off(alert, NADIA)

    assert nadia.get(place).content == nadia.get("/r/forged").content


def test_the_page_speaks_the_language_of_its_contact() -> None:
    alert = rescue()
    page = _browser().get(f"/r/{token_of(alert, YANN)}")

    assert page.headers["Content-Language"] == "en"
    assert '<html lang="en">' in page.content.decode()


def test_looks_are_written_once_an_hour_not_at_every_refresh() -> None:
    alert = rescue()
    place, nadia = open_place(alert, NADIA)
    for _refresh in range(3):
        nadia.get(place)
        nadia.get(f"{place}snapshot")
    assert list(Look.objects.values_list("what", flat=True)) == ["link"]

    Visit.objects.update(looked_at=timezone.now() - timedelta(hours=1, seconds=1))
    nadia.get(place)
    assert list(Look.objects.values_list("what", flat=True)) == ["link", "page"]


def test_the_exit_stands_on_the_page() -> None:
    place, nadia = open_place(rescue(), NADIA)

    assert reverse("alerts:exit") in nadia.get(place).content.decode()
