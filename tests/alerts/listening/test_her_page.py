"""What she reads of a recording, and who else reads nothing of it."""

from datetime import timedelta

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, forgetting, listening, recordings, vault
from alerts.evidence import stamps
from alerts.models import Alert, Change, ChangeKind, Recording, Victim
from alerts.states import AlertState
from tests.desks import signed_in, with_password
from tests.people import DURESS_PIN, NADIA, PIN, make_marie, make_operator, make_phone
from tests.recorded import behind_her_code, make_recording
from tests.responders.intruder import click
from tests.responders.scenes import open_place
from tests.test_every_page import SERVICE, faults, shown

pytestmark = pytest.mark.django_db
LIST = reverse("alerts:recordings")


def page_of(desk: Client, recording: Recording) -> str:
    answer = desk.get(reverse("alerts:recording", args=[recording.pk]))
    assert answer.status_code == 200
    return answer.content.decode()


# ---- What she reads ----


def test_she_reads_what_came_what_is_missing_and_three_clocks_as_they_are(recording: Recording, desk: Client) -> None:
    page = page_of(desk, recording)

    assert "0:09 de son" in page
    assert "0:00 – 0:09" in page
    assert "1:00 – 1:02" in page
    assert "Manquent : 0:04 – 0:06 (3 secondes)" in page
    assert "Manquent : 0:10 – 0:59 (50 secondes)" in page
    assert "Manque : 1:01 (1 seconde)" in page
    assert "54 secondes ne sont pas arrivées" in page
    assert "Au début, l&#x27;horloge du téléphone retardait de 90,0 s." in page
    assert "Rien n&#x27;est corrigé" in page or "Rien n'est corrigé" in page
    assert "Aucun : le moment repose sur l'horloge du serveur." in page
    assert "éléments qu'un tribunal peut peser" in page
    assert "preuve" not in page


def test_she_reads_by_whom_it_was_stamped_and_how_far(recording: Recording, desk: Client) -> None:
    folder = vault.path_of(recording.pk) / stamps.STAMPS
    folder.mkdir()
    for name in ("000001-abcd1234.tsr", f"{len(listening.manifest(recording)):06}-abcd1234.tsr", "000001-ffff0000.tsr"):
        (folder / name).write_bytes(b"")

    page = page_of(desk, recording)

    assert "2 par abcd1234, jusqu'au bout" in page
    assert "1 par ffff0000, pas encore jusqu'au bout" in page


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": "running", "closed_at": None}, "En cours"),
        ({"closed_at": timezone.now()}, "peuvent encore arriver"),
        ({"closed_at": timezone.now() - timedelta(days=2)}, "Les dernières vérifications sont en cours"),
        ({"settled_at": timezone.now()}, "plus rien ne s'y ajoute"),
        ({"erase_at": timezone.now() + timedelta(hours=9)}, "Sera effacé le"),
    ],
)
def test_its_state_stands_in_plain_words(
    recording: Recording, desk: Client, fields: dict[str, object], words: str
) -> None:
    Recording.objects.update(**fields)

    assert words in page_of(desk, recording).replace("&#x27;", "'")
    assert words in desk.get(LIST).content.decode().replace("&#x27;", "'")


def test_she_reads_that_an_operator_took_a_copy_on_the_machine(recording: Recording, desk: Client) -> None:
    vault.log().add("copied", str(recording.pk), now=timezone.now(), by="operator", sound=1)

    assert "Exploitant du service : copie emportée" in page_of(desk, recording)


def test_a_part_without_its_beginning_is_kept_and_says_that_it_cannot_be_heard(marie: Victim, desk: Client) -> None:
    recording = make_recording(marie, range(3, 6))
    page = page_of(desk, recording)

    assert "elle ne peut pas être écoutée ici" in page
    assert "<audio" not in page
    assert "Manquent : 0:00 – 0:02 (3 secondes)" in page


def test_a_telephone_that_was_broken_could_not_count(marie: Victim, desk: Client) -> None:
    recording = make_recording(marie, ends=False)
    words = "n'a pas pu dire combien de secondes"
    assert words not in page_of(desk, recording), "it goes on"

    assert recordings.close_silent(now=timezone.now()) == 1

    assert words in page_of(desk, recording)


def test_a_long_one_is_read_in_pages(marie: Victim, desk: Client) -> None:
    recording = make_recording(marie, range(0, 60 * 31, 60))
    address = reverse("alerts:recording", args=[recording.pk])

    assert page_of(desk, recording).count("<audio") == 30
    assert desk.get(f"{address}?from=30").content.decode().count("<audio") == 1
    for nonsense in ("x", "-1", "99999999", "\u00b2", ""):
        assert desk.get(address, {"from": nonsense}).status_code == 200


def test_a_folder_that_is_gone_or_broken_says_so_and_breaks_no_list(recording: Recording, desk: Client) -> None:
    (vault.path_of(recording.pk) / "manifest").write_bytes(b"nonsense\n")
    vault.forget(recording.pk)

    assert "Rien ne peut en être lu" in page_of(desk, recording)
    assert str(recording.pk) in desk.get(LIST).content.decode()


def test_every_page_behind_her_code_has_the_way_out_and_names_nothing(recording: Recording, desk: Client) -> None:
    alert = click(make_phone(recording.victim))
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    Recording.objects.update(alert=alert)
    going = make_recording(recording.victim)
    forgetting.ask(going, now=timezone.now())
    addresses = [LIST, reverse("alerts:past_alert", args=[alert.pk])]
    addresses += [reverse("alerts:recording", args=[one.pk]) for one in (recording, going)]
    addresses.append(reverse("alerts:recording_erase", args=[recording.pk]))

    assert faults(shown(desk, addresses)) == {"wrong": [], "enough": len(addresses)}
    pages = dict(shown(desk, addresses))
    assert not any(SERVICE.search(page) for page in pages.values())
    assert reverse("alerts:recording", args=[recording.pk]) in pages[addresses[1]], "from the alert to its recording"


# ---- Paul ----


def test_without_a_code_her_pages_are_the_same_with_and_without_a_recording(marie: Victim) -> None:
    alert = click(make_phone(marie))
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    Alert.objects.update(expires_at=timezone.now() - timedelta(days=1))
    addresses = [
        LIST,
        *(reverse(f"alerts:{name}") for name in ("profile", "kept", "past_alerts", "looks", "sessions", "sharing")),
        reverse("alerts:past_alert", args=[alert.pk]),
        reverse("alerts:erase"),
    ]

    session = with_password(marie.account)

    def seen() -> list[str]:
        return [_without_tokens(session.get(address).content.decode()) for address in addresses]

    seen()  # the session itself is written down by then
    before = seen()
    kept = make_recording(marie, alert=alert)
    assert seen() == before

    forgetting.erase_all(marie, now=timezone.now())
    assert not vault.path_of(kept.pk).exists()
    assert seen() == before


def _without_tokens(page: str) -> str:
    return "\n".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line and "<time" not in line)


def test_under_the_duress_code_there_is_nothing_and_everything_looks_the_same(recording: Recording) -> None:
    forced = behind_her_code(recording.victim, DURESS_PIN)
    page = forced.get(LIST).content.decode()

    assert "Il n'y a rien ici." in page
    assert str(recording.pk) not in page
    for name in ("recording", "recording_export", "recording_share", "recording_keep", "recording_erase"):
        address = reverse(f"alerts:{name}", args=[recording.pk])
        assert forced.get(address).status_code == 404
        if name != "recording":
            assert forced.post(address).status_code == 404
    assert forced.get(reverse("alerts:recording_sound", args=[recording.pk, 0])).status_code == 404

    Recording.objects.all().delete()
    freely = behind_her_code(recording.victim).get(LIST).content.decode()
    assert _without_tokens(freely) == _without_tokens(page)


def test_an_open_session_without_code_finds_and_plays_nothing(recording: Recording) -> None:
    session = with_password(recording.victim.account)
    for address in (
        reverse("alerts:recording", args=[recording.pk]),
        reverse("alerts:recording_sound", args=[recording.pk, 0]),
        reverse("alerts:recording_erase", args=[recording.pk]),
    ):
        assert session.get(address)["Location"] == LIST
    assert "/reauthenticate/" in signed_in(recording.victim.account).get(LIST)["Location"]
    assert "Ce n'est pas votre code" in session.post(LIST, {"code": "0000"}).content.decode().replace("&#x27;", "'")


def test_codes_are_not_guessed(recording: Recording) -> None:
    session = with_password(recording.victim.account)
    for code in range(10):
        session.post(LIST, {"code": f"{code:04}"})

    assert "Trop d'essais" in session.post(LIST, {"code": PIN}).content.decode().replace("&#x27;", "'")


def test_a_code_that_was_changed_today_opens_nothing_before_tomorrow(recording: Recording) -> None:
    session = with_password(recording.victim.account)
    new = {"code": "2580", "code_again": "2580", "duress_code": "8642", "duress_code_again": "8642"}
    session.post(reverse("alerts:codes"), new)

    assert "Vos codes viennent de changer" in session.post(LIST, {"code": "2580"}).content.decode()
    Change.objects.filter(kind=ChangeKind.CODES).update(at=timezone.now() - timedelta(hours=25))
    assert session.post(LIST, {"code": "2580"}).status_code == 302


def test_who_has_no_codes_yet_is_led_to_them(marie: Victim) -> None:
    Victim.objects.update(pin_hash="", duress_pin_hash="")
    session = with_password(marie.account)

    assert "Choisissez d" in session.post(LIST, {"code": ""}).content.decode()


def test_it_closes_by_her_hand_and_by_itself(recording: Recording, desk: Client) -> None:
    address = reverse("alerts:recording", args=[recording.pk])
    assert desk.post(reverse("alerts:recordings_close")).status_code == 302
    assert desk.get(address)["Location"] == LIST

    desk = behind_her_code(recording.victim)
    session = desk.session
    session["behind"]["seen"] -= 11 * 60
    session.save()
    assert desk.get(address)["Location"] == LIST


def test_another_woman_and_a_stranger_find_nothing(recording: Recording) -> None:
    other = behind_her_code(make_marie("autre", relatives=()))

    assert other.get(reverse("alerts:recording", args=[recording.pk])).status_code == 404
    assert other.get(reverse("alerts:recording_sound", args=[recording.pk, 0])).status_code == 404
    assert "/login/" in Client().get(LIST)["Location"]


def test_a_relative_gets_nothing_of_it_by_the_personal_link(marie: Victim) -> None:
    alert = click(make_phone(marie))
    without, nadia = open_place(alert, NADIA)
    recording = make_recording(marie, alert=alert, ends=False)

    for path in (without, f"{without}snapshot", f"{without}consent"):
        text = nadia.get(path).content.decode()
        assert str(recording.pk) not in text
        assert "enregistrement" not in text.lower()
        assert "recording" not in text.lower()
    for address in (
        LIST,
        reverse("alerts:recording", args=[recording.pk]),
        reverse("alerts:recording_sound", args=[recording.pk, 0]),
        reverse("alerts:accompanied_recordings"),
    ):
        assert "/login/" in nadia.get(address)["Location"]
    assert nadia.get(f"/api/v1/recordings/{recording.pk}").status_code in {401, 404, 405}
    assert nadia.put(f"/api/v1/recordings/{recording.pk}/chunks/9", b"x").status_code == 401
    assert nadia.post(f"/api/v1/recordings/{recording.pk}/close", {}, "application/json").status_code == 401


def test_operators_list_and_hear_nothing(recording: Recording) -> None:
    assert not {model.__name__ for model in admin.site._registry} & {"Recording", "Handover"}
    operator = signed_in(make_operator())
    for address in (
        LIST,
        reverse("alerts:recording", args=[recording.pk]),
        reverse("alerts:recording_sound", args=[recording.pk, 0]),
        reverse("alerts:accompanied_recordings"),
    ):
        assert operator.get(address).status_code == 404
    for found in ("/admin/", "/admin/alerts/alert/"):
        assert "enregistrement" not in operator.get(found).content.decode().lower()
