"""Every address of hers that takes a POST asks the password again and announces what it did, or says why not."""

import re

import pytest
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal import auth as totp
from django.urls import NoReverseMatch, URLResolver, get_resolver, reverse
from pytest_django import DjangoCaptureOnCommitCallbacks

from alerts.models import Change, ChangeKind, Victim
from tests.announced import DEEDS
from tests.desks import signed_in, with_password

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recordings_folder")]
SISTER = "soeur@example.org"
HERS = re.compile(r"profile/|account/(?!login|webauthn/login|signup|inactive|password/reset)")
CALMS = {
    "alerts:contact_take_back",
    "alerts:drill_end",
    "alerts:recordings_close",
}  # of her own pages these alone ask nothing
NOWHERE = "0f0f0f0f-0f0f-4f0f-8f0f-0f0f0f0f0f0f"


@pytest.fixture
def careful(marie: Victim) -> Victim:
    """Marie, whose sister is told."""
    Victim.objects.filter(pk=marie.pk).update(safe_email=SISTER)
    marie.refresh_from_db()
    return marie


def names(resolver: URLResolver | None = None, route: str = "", space: str = "") -> dict[str, str]:
    """Every address of hers by its whole name, from the addresses that the service answers."""
    found: dict[str, str] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        path = route + re.sub(r"[\^$]|\\Z", "", str(entry.pattern))
        if isinstance(entry, URLResolver):
            found |= names(entry, path, f"{entry.namespace}:" if entry.namespace else space)
        elif HERS.match(path):
            found[f"{space}{entry.name}"] = path
    return found


def address_of(name: str) -> str:
    """Somewhere under this name, whether or not anything is there."""
    for captured in ({}, {"pk": 1}, {"pk": NOWHERE}, {"pk": NOWHERE, "ending": "csv"}, {"pk": NOWHERE, "number": 0}):
        try:
            return reverse(name, kwargs=captured)
        except NoReverseMatch:
            continue
    raise AssertionError(name)


def announced() -> list[str]:
    """What was written down beside the sign-ins of the test itself, in order."""
    return list(Change.objects.exclude(kind=ChangeKind.SIGNED_IN).order_by("pk").values_list("kind", flat=True))


def test_every_address_of_hers_that_takes_a_post_has_a_line(careful: Victim) -> None:
    """One that has none yet stands here by its name: decide what it announces, in tests/announced.py."""
    totp.TOTP.activate(careful.account, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    RecoveryCodes.activate(careful.account)  # else some addresses are not there
    desk = with_password(careful.account)
    undecided = [
        name for name in sorted(names().keys() - DEEDS.keys()) if desk.post(address_of(name)).status_code != 405
    ]

    assert undecided == []
    assert DEEDS.keys() <= names().keys()
    assert len(names()) > len(DEEDS), "some take no POST"


def test_every_line_announces_something_or_says_why_not() -> None:
    for name, deed in DEEDS.items():
        assert bool(deed.announces) != bool(deed.silent_because), name


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_what_was_done_is_announced_to_her_safe_address_or_deliberately_not(
    careful: Victim, name: str, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    deed = DEEDS[name]
    captured = deed.before(careful)
    desk = with_password(careful.account)
    Change.objects.all().delete()

    with django_capture_on_commit_callbacks(execute=True):  # allauth announces after the commit
        answer = deed.play(desk, reverse(name, kwargs=captured), deed.form)

    assert answer.status_code < 400, answer.status_code
    assert "/reauthenticate/" not in answer.headers.get("Location", "") or deed.unasked_because
    assert announced() == list(deed.announces)
    told = Change.objects.exclude(kind=ChangeKind.SIGNED_IN).order_by("pk")
    if deed.announces:
        assert told[0].email == SISTER, "the address as it stood before"
        assert told[0].not_before is not None, "it is on its way"


@pytest.mark.parametrize("name", sorted(DEEDS))
def test_whoever_finds_an_open_session_is_asked_the_password_first(careful: Victim, name: str) -> None:
    deed = DEEDS[name]
    captured = deed.before(careful)
    session = signed_in(careful.account)
    Change.objects.all().delete()

    answer = session.post(reverse(name, kwargs=captured), {**deed.form, "oldpassword": "deviné"})

    if deed.unasked_because:
        assert not address_of(name).startswith("/profile/") or name in CALMS
    else:
        assert "/reauthenticate/" in answer["Location"], name
    assert announced() == []
    assert Victim.objects.filter(pk=careful.pk).exists()


def test_a_plain_visit_announces_only_what_it_takes_away(careful: Victim) -> None:
    desk = with_password(careful.account)
    nadia = reverse("alerts:contact", args=[careful.contacts.get(rank=1).pk])
    Change.objects.all().delete()

    visited = [nadia, *(f"{nadia}{what}/" for what in ("shift", "invite", "reception", "remove"))]
    visited += [address_of(name) for name in names() if name != "account_logout"]
    answers = [desk.get(address) for address in visited]

    assert all(answer.status_code < 500 for answer in answers)
    assert announced() == [ChangeKind.TAKEN_AWAY], "the archive, which is an answer to a visit too"
    assert set(careful.contacts.values_list("state", flat=True)) == {"accepted"}
