"""What each address of hers that takes a POST announces, and what it does not and why: one line for each."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from alerts.domain import alerting, entering, her_drills
from alerts.domain.sheets import Sheet
from alerts.models import Association, ChangeKind, Contact, Victim
from alerts.states import AlertState, Gesture
from tests.people import PASSWORD, PIN, make_karim, make_phone
from tests.recorded import make_recording
from tests.responders.intruder import click

if TYPE_CHECKING:
    from django.test.client import _MonkeyPatchedWSGIResponse as Answer

ZOE = {"name": "Zoe", "email": "zoe@example.org", "by_email": "on", "language": "fr"}
NEW_PASSWORD = "une autre phrase bien longue"
_SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"

Captured = dict[str, object]


def _nothing(_: Victim) -> Captured:
    return {}


def _nadia(victim: Victim) -> Captured:
    return {"pk": victim.contacts.get(rank=1).pk}


def _phone(victim: Victim) -> Captured:
    return {"pk": make_phone(victim).pk}


def _drill(victim: Victim) -> Captured:
    return {"pk": her_drills.start(victim, gesture=Gesture.DOUBLE, now=timezone.now()).pk}


def _past(victim: Victim) -> Captured:
    alert = click(make_phone(victim))
    alerting.close(alert, AlertState.CLOSED, reason="safe", now=timezone.now())
    return {"pk": alert.pk, "ending": "csv"}


def _room_for_one(victim: Victim) -> Captured:
    victim.contacts.filter(rank=5).delete()
    return {}


def _accompanied(victim: Victim) -> Captured:
    victim.association = Association.objects.create(name="Contre Vents")
    victim.save(update_fields=["association"])
    return {}


def _second_browser(victim: Victim) -> Captured:
    other = Client(headers={"user-agent": "Firefox/130 Android"})
    other.force_login(victim.account)
    other.get(reverse("alerts:profile"))
    return {}


def _application(victim: Victim) -> Captured:
    totp.TOTP.activate(victim.account, _SECRET)
    return {}


def _passkey(victim: Victim) -> Captured:
    facts = {"name": "clé", "credential": {}}
    kind = Authenticator.Type.WEBAUTHN
    return {"pk": Authenticator.objects.create(user=victim.account, type=kind, data=facts).pk}


def _join(desk: Client, address: str, form: Mapping[str, Any]) -> "Answer":
    code = entering.invite(make_karim(), now=timezone.now())
    return desk.post(address, {**form, "invitation": code})


def _sheet(desk: Client, address: str, form: Mapping[str, Any]) -> "Answer":
    """What is stored is what was looked at."""
    seen = Sheet(home=form["home"]).fingerprint()
    return desk.post(address, {**form, "seen": seen, "save": "1"})


def _after_a_removal(desk: Client, address: str, form: Mapping[str, Any]) -> "Answer":
    """The removal is of the same minute and session."""
    nadia = Contact.objects.get(rank=1)
    desk.post(reverse("alerts:contact_remove", args=[nadia.pk]))
    return desk.post(address, form)


def _activate(desk: Client, address: str, form: Mapping[str, Any]) -> "Answer":
    """With the code that an application shows (RFC 6238)."""
    found = re.search(r"<code>([A-Z2-7]+)</code>", desk.get(address).content.decode())
    assert found is not None
    counter = int(timezone.now().timestamp()) // 30
    return desk.post(address, {**form, "code": totp.format_hotp_value(totp.hotp_value(found[1], counter))})


def _recording(victim: Victim) -> Captured:
    _accompanied(victim)
    return {"pk": make_recording(victim).pk}


def _recording_there(victim: Victim) -> Captured:
    make_recording(victim)
    return {}


def _behind_her_code(desk: Client, address: str, form: Mapping[str, Any]) -> "Answer":
    """What stands there is closed by her code, whatever the password opened."""
    desk.post(reverse("alerts:recordings"), {"code": PIN})
    return desk.post(address, form)


def _plainly(desk: Client, address: str, form: Mapping[str, Any]) -> "Answer":
    return desk.post(address, form)


@dataclass(frozen=True, kw_only=True)
class Deed:
    """A POST to one address: what it announces, or in words why nothing; and whether the password is asked again."""

    announces: tuple[ChangeKind, ...] = ()
    silent_because: str = ""
    form: Mapping[str, Any] = field(default_factory=dict)
    before: Callable[[Victim], Captured] = _nothing
    play: Callable[[Client, str, Mapping[str, Any]], "Answer"] = _plainly
    unasked_because: str = ""


_ITSELF = "it asks for what it changes, or is itself the question"
_RAISES_NOTHING = "nothing of hers changes"

DEEDS: Mapping[str, Deed] = {
    "alerts:about": Deed(
        announces=(ChangeKind.SETTINGS,),
        form={"name": "Marie", "phone_number": "0639980000", "language": "fr", "time_zone": "Europe/Paris"},
    ),
    "alerts:gestures": Deed(announces=(ChangeKind.SETTINGS,), form={"siren": "on"}),
    "alerts:messages": Deed(announces=(ChangeKind.SETTINGS,), form={"text_prevention": "Je rentre seule"}),
    "alerts:face": Deed(announces=(ChangeKind.SETTINGS,), form={"disguise": "shopping", "exit_to": "news"}),
    "responders:her_sheet": Deed(announces=(ChangeKind.SHEET,), form={"home": "12 rue des Lombards"}, play=_sheet),
    "alerts:safe_address": Deed(
        announces=(ChangeKind.SAFE_ADDRESS, ChangeKind.SAFE_ADDRESS),  # to the old one, and to the new one
        form={"safe_email": "autre@example.org", "safe_number": ""},
    ),
    "alerts:recovery": Deed(announces=(ChangeKind.RECOVERY,)),
    "alerts:session_end": Deed(announces=(ChangeKind.SIGNED_OUT,), form={"which": "others"}, before=_second_browser),
    "alerts:sharing": Deed(announces=(ChangeKind.ASSOCIATION,), form={"advocate_drills": "on"}, before=_accompanied),
    "alerts:sharing_join": Deed(announces=(ChangeKind.ASSOCIATION,), play=_join),
    "alerts:sharing_leave": Deed(announces=(ChangeKind.ASSOCIATION,), before=_accompanied),
    "alerts:codes": Deed(
        announces=(ChangeKind.CODES,),
        form={"code": "2580", "code_again": "2580", "duress_code": "8642", "duress_code_again": "8642"},
    ),
    "alerts:contact_add": Deed(announces=(ChangeKind.CONTACTS,), form=ZOE, before=_room_for_one),
    "alerts:contact": Deed(announces=(ChangeKind.CONTACTS,), form=ZOE, before=_nadia),
    "alerts:contact_shift": Deed(announces=(ChangeKind.CONTACTS,), form={"to": "down"}, before=_nadia),
    "alerts:contact_remove": Deed(announces=(ChangeKind.CONTACTS,), before=_nadia),
    "alerts:contact_take_back": Deed(
        announces=(ChangeKind.CONTACTS, ChangeKind.CONTACTS),  # the removal and its undoing, told as one
        play=_after_a_removal,
        unasked_because="undoes within a minute what the password did, and puts back a relative who is told again",
    ),
    "alerts:contact_invite": Deed(
        silent_because=f"{_RAISES_NOTHING}: a relative is asked, and a decoy only seems to be; a line would tell them "
        "apart",
        before=_nadia,
    ),
    "alerts:contact_reception": Deed(
        silent_because="a look behind her code; what is changed there is announced, see test_announced_elsewhere",
        form={"code": PIN},
        before=_nadia,
    ),
    "alerts:past_alert_story": Deed(announces=(ChangeKind.TAKEN_AWAY,), before=_past),
    "alerts:export": Deed(announces=(ChangeKind.TAKEN_AWAY,)),
    "alerts:erase": Deed(announces=(ChangeKind.ERASED,), form={"word": "effacer", "code": PIN}),
    "alerts:recordings": Deed(
        silent_because="a look behind her code; what is listened to stands in the log, which she reads there",
        form={"code": PIN},
        before=_recording_there,
    ),
    "alerts:recordings_close": Deed(
        silent_because=_RAISES_NOTHING, unasked_because="it only closes what her code opened"
    ),
    "alerts:recording_export": Deed(
        announces=(ChangeKind.TAKEN_AWAY,), form={"sound": "open"}, before=_recording, play=_behind_her_code
    ),
    "alerts:recording_share": Deed(
        announces=(ChangeKind.ASSOCIATION,), form={"sound": "open"}, before=_recording, play=_behind_her_code
    ),
    "alerts:recording_keep": Deed(silent_because="it stays as it was", before=_recording, play=_behind_her_code),
    "alerts:recording_erase": Deed(announces=(ChangeKind.ERASED,), before=_recording, play=_behind_her_code),
    "alerts:drill_start": Deed(
        silent_because=f"{_RAISES_NOTHING}: all her relatives hear of it at once, and her pages list it",
        form={"gesture": "double"},
    ),
    "alerts:drill_end": Deed(
        silent_because="as its beginning",
        before=_drill,
        unasked_because="it can only calm; it ends no alert",
    ),
    "alerts:phone_pair": Deed(
        silent_because="a code alone gives no alert and opens nothing; the telephone that uses it is announced"
    ),
    "alerts:phone_change": Deed(announces=(ChangeKind.PHONES,), form={"label": "Nokia"}, before=_phone),
    "alerts:phone_revoke": Deed(announces=(ChangeKind.PHONES,), before=_phone),
    "account_change_password": Deed(
        announces=(ChangeKind.PASSWORD,),
        form={"oldpassword": PASSWORD, "password1": NEW_PASSWORD, "password2": NEW_PASSWORD},
        unasked_because=_ITSELF,
    ),
    "account_set_password": Deed(
        silent_because="she has a password: it sends her to its change", unasked_because=_ITSELF
    ),
    "account_reauthenticate": Deed(
        silent_because=_RAISES_NOTHING, form={"password": PASSWORD}, unasked_because=_ITSELF
    ),
    "account_logout": Deed(
        silent_because="her own session ends, and nobody else's", unasked_because="leaving must never wait"
    ),
    "mfa_authenticate": Deed(
        silent_because="the second half of a sign-in, which is announced as one", unasked_because=_ITSELF
    ),
    "mfa_reauthenticate": Deed(silent_because=_RAISES_NOTHING, before=_application, unasked_because=_ITSELF),
    "mfa_reauthenticate_webauthn": Deed(silent_because=_RAISES_NOTHING, unasked_because=_ITSELF),
    "mfa_activate_totp": Deed(announces=(ChangeKind.SECOND_FACTOR,), play=_activate),
    "mfa_generate_recovery_codes": Deed(announces=(ChangeKind.SECOND_FACTOR,), before=_application),
    "mfa_deactivate_totp": Deed(announces=(ChangeKind.SECOND_FACTOR,), before=_application),
    "mfa_add_webauthn": Deed(
        silent_because="refused: there is no key here. allauth announces a real one as it does its removal"
    ),
    "mfa_remove_webauthn": Deed(announces=(ChangeKind.SECOND_FACTOR,), before=_passkey),
    "mfa_edit_webauthn": Deed(
        silent_because="the name of a passkey, which neither opens nor closes anything",
        form={"name": "autre"},
        before=_passkey,
    ),
}
