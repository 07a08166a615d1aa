"""What mail services say of our mails: believed only with the secret, and it never moves a delivery back."""

import base64
from dataclasses import replace
from itertools import permutations
from uuid import UUID, uuid4

import pytest
from anymail.signals import EventType
from cryptography.hazmat.primitives.asymmetric import rsa
from django.test import Client
from pytest_django import Settings

from alerts.domain import alerting, bouncing, claiming
from alerts.domain.bouncing import WORDS, MailEvent
from alerts.models import Alert, Delivery, Event
from alerts.providers import relays
from alerts.states import Channel, DeliveryState, Gesture
from alerts.views.bounces import SERVICES
from sherif_web import env
from tests.mailservices import PAYLOADS, POSTAL, SECRET, SIGNING_KEY, post, public
from tests.people import NOON, make_marie, make_phone

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _heard(settings: Settings) -> None:
    settings.SHERIF = replace(settings.SHERIF, mail_webhooks=tuple(SERVICES), mail_webhook_secret=SECRET)
    settings.ANYMAIL = {
        "WEBHOOK_SECRET": SECRET,
        "MAILGUN_WEBHOOK_SIGNING_KEY": SIGNING_KEY,
        "POSTAL_WEBHOOK_KEY": public(POSTAL),
    }


@pytest.fixture
def mail() -> Delivery:
    """Nadia's mail, with the mail server."""
    report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
    alert = alerting.receive_click(make_phone(make_marie()), report, now=NOON).alert
    return sent(alert, Channel.EMAIL)


def sent(alert: Alert, channel: Channel) -> Delivery:
    """The first contact's message by this way, with the network."""
    Alert.objects.filter(pk=alert.pk).update(expires_at=NOON.replace(year=2126))
    claiming.claim(alert.pk, worker="w", now=NOON)
    return alert.deliveries.get(channel=channel, contact__rank=1)


def state(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).state


def heard(mail: UUID, word: str, *, reason: str = "") -> bool:
    """One event about our mail, as the services' readers say it."""
    return bouncing.receive(MailEvent(word=word, reason=reason, names=(f"<{mail}@sos.exmpl.fr>",)), now=NOON)


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize(("came_back", "becomes"), [(False, DeliveryState.DELIVERED), (True, DeliveryState.FAILED)])
def test_every_service_is_understood(*, service: str, came_back: bool, becomes: DeliveryState, mail: Delivery) -> None:
    assert post(service, PAYLOADS[service](mail.pk, came_back=came_back)) == 200
    assert state(mail) == becomes
    assert Delivery.objects.get(pk=mail.pk).error_code.startswith("mail_") == came_back


@pytest.mark.parametrize("service", sorted(SERVICES))
@pytest.mark.parametrize("secret", [None, "", ":", "mail:wrong", SECRET + "x"])
def test_a_service_without_the_secret_is_not_believed(service: str, secret: str | None, mail: Delivery) -> None:
    assert post(service, PAYLOADS[service](mail.pk, came_back=True), secret=secret) == 403
    assert state(mail) == DeliveryState.SENDING


@pytest.mark.parametrize("service", ["mailgun", "postal"])
def test_a_service_that_signs_must_have_signed(service: str, mail: Delivery, settings: Settings) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    settings.ANYMAIL = settings.ANYMAIL | {
        "MAILGUN_WEBHOOK_SIGNING_KEY": "another",
        "POSTAL_WEBHOOK_KEY": public(other),
    }
    assert post(service, PAYLOADS[service](mail.pk, came_back=True)) == 403
    assert state(mail) == DeliveryState.SENDING


def test_only_the_services_of_this_installation_are_there(settings: Settings, mail: Delivery) -> None:
    settings.SHERIF = replace(settings.SHERIF, mail_webhooks=("postmark",))
    assert post("brevo", PAYLOADS["brevo"](mail.pk, came_back=True)) == 404
    assert Client().post("/hooks/mail/pigeon/").status_code == 404
    assert post("postmark", PAYLOADS["postmark"](mail.pk, came_back=True)) == 200


def test_an_installation_without_a_secret_believes_nobody(settings: Settings, mail: Delivery) -> None:
    settings.SHERIF = replace(settings.SHERIF, mail_webhook_secret="")
    settings.ANYMAIL = {}
    assert post("brevo", PAYLOADS["brevo"](mail.pk, came_back=True), secret="") == 404
    assert state(mail) == DeliveryState.SENDING


def test_events_are_posted_and_nothing_else() -> None:
    for method in ("get", "head", "put", "delete", "options"):
        assert getattr(Client(), method)("/hooks/mail/postmark/").status_code == 405


@pytest.mark.parametrize(
    "body", [b"", b"not json", b"[]", b"{}", b"null", b'{"event": 1}', b'[[{"msys": 1}]]', b"\xff"]
)
@pytest.mark.parametrize("service", sorted(set(SERVICES) - {"postal", "mailgun"}))
def test_an_event_that_nobody_can_read_breaks_nothing(service: str, body: bytes) -> None:
    headers = {"Authorization": f"Basic {base64.b64encode(SECRET.encode()).decode()}"}
    answer = Client().post(f"/hooks/mail/{service}/", body, content_type="application/json", headers=headers)
    assert answer.status_code in {200, 422}


@pytest.mark.parametrize(
    ("word", "becomes"),
    [
        ("queued", None),
        ("sent", None),
        ("deferred", None),
        ("delivered", DeliveryState.DELIVERED),
        ("bounced", DeliveryState.FAILED),
        ("rejected", DeliveryState.FAILED),
        ("failed", DeliveryState.FAILED),
        ("complained", DeliveryState.FAILED),
        ("opened", None),
        ("clicked", None),
        ("autoresponded", None),
        ("unsubscribed", None),
        ("subscribed", None),
        ("inbound", None),
        ("inbound_failed", None),
        ("unknown", None),
        ("a word of tomorrow", None),
    ],
)
def test_every_word_of_a_service_has_its_meaning(word: str, becomes: DeliveryState | None, mail: Delivery) -> None:
    assert heard(mail.pk, word) == (becomes is not None)
    assert state(mail) == (becomes or DeliveryState.SENDING)


def test_the_table_knows_every_word_of_the_package() -> None:
    known = {word for name, word in vars(EventType).items() if name.isupper()}
    assert set(WORDS) == known


def test_the_reason_of_a_bounce_is_kept(mail: Delivery) -> None:
    heard(mail.pk, "bounced", reason="invalid")
    assert Delivery.objects.get(pk=mail.pk).error_code == "mail_invalid"
    assert Event.objects.filter(delivery=mail, kind="failed").count() == 1


def test_in_every_order_and_twice_over_the_state_never_goes_back() -> None:
    for number, words in enumerate(permutations(["sent", "deferred", "delivered", "bounced", "opened", "complained"])):
        if number % 24:  # one of each beginning is enough
            continue
        report = alerting.ClickReport(uid=uuid4(), gesture=Gesture.DOUBLE, clicked_at=NOON, sent_at=NOON)
        alert = alerting.receive_click(
            make_phone(make_marie(f"m{number}"), f"t{number}", f"o{number}"), report, now=NOON
        )
        mail = sent(alert.alert, Channel.EMAIL)
        first = next(word for word in words if WORDS[word])
        for word in (*words, *words):
            heard(mail.pk, word)
        assert state(mail) == WORDS[first]
        assert Event.objects.filter(delivery=mail).count() == 1


def test_an_event_about_a_text_or_about_nothing_changes_nothing(mail: Delivery) -> None:
    assert mail.alert is not None
    text = mail.alert.deliveries.get(channel=Channel.SMS, contact__rank=1)
    assert not heard(text.pk, "delivered")
    assert state(text) == DeliveryState.SENDING
    assert not heard(uuid4(), "delivered")
    for names in ((), ("",), ("<>",), ("nadia@example.org",), (f"{mail.pk}0",), (f"<x{mail.pk}@sos>",), ("\x00",)):
        assert not bouncing.receive(MailEvent(word="delivered", names=names), now=NOON)


@pytest.mark.parametrize("form", ["<{0}@sos.exmpl.fr>", "{0}@sos.exmpl.fr", "{0}", " <{0}@localhost> "])
def test_our_mail_is_known_by_any_of_its_names(form: str, mail: Delivery) -> None:
    names = ("883953f4-6105-42a2-a16a-77a8eac79483", form.format(str(mail.pk).upper()))
    assert bouncing.receive(MailEvent(word="delivered", names=names), now=NOON)
    assert state(mail) == DeliveryState.DELIVERED


def test_what_the_environment_names_is_what_is_read() -> None:
    assert set(SERVICES) == env.MAIL_SERVICES == set(relays.HEADERS) == set(PAYLOADS)
