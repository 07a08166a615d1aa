"""Refuse to start unsafe, and say what to do instead."""

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning, register  # noqa: A004 - Django names it

from alerts import places
from alerts.evidence import keys
from alerts.providers import numbers

_OTHERS = 0o077
_NOBODY_STAMPS = Warning(
    "SHERIF_TSA_URLS is empty: nobody outside says when a recording was made.",
    hint="Two authorities, one of them qualified: https://tsa.example/#/etc/sherif/tsa.example.pem",
    id="sherif.W005",
)
_ADDRESS = re.compile(r"[^@\s,]+@[^@\s,]+\.[^@\s,.]+")


@register("security")
def check_environment(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """One error for every problem that reading the environment found (ids sherif.E001 to E026)."""
    del app_configs  # the environment concerns every app
    return [Error(problem.message, hint=problem.hint, id=problem.id) for problem in settings.SHERIF.problems]


@register("security")
def check_who_is_told(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether somebody is told when nobody could be told, and can be (sherif.E015, E016, W001)."""
    del app_configs
    return [*_operators(), *_canary()]


@register("security")
def check_the_room(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether browsers elsewhere can reach the video room (sherif.W002). Without it everything else works."""
    del app_configs
    sherif = settings.SHERIF
    if sherif.on_loopback or sherif.media.reachable:
        return []
    return [
        Warning(
            "SHERIF_MEDIA_ADDRESS is missing: browsers are told no address of the video room that they could reach.",
            hint="Set it to the public address of this machine, and let UDP through to the port of SHERIF_MEDIA_UDP.",
            id="sherif.W002",
        )
    ]


@register("security")
def check_the_places(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether communes can be named (sherif.W003). Without them everything else works, with coordinates."""
    del app_configs
    return [*_communes(places.FILE)]


@register("security")
def check_the_keys(app_configs: Sequence[AppConfig] | None, **_: Any) -> list[CheckMessage]:
    """Whether recordings are signed by nobody else, and stamped (sherif.W004, W005). Without it all else works."""
    del app_configs
    chosen = settings.SHERIF.evidence
    found = [] if chosen.held or chosen.draws else [*_keys(chosen.keys)]
    return found if chosen.authorities or settings.SHERIF.on_loopback else [*found, _NOBODY_STAMPS]


def _keys(folder: Path) -> Iterator[CheckMessage]:
    """Missing or open keys are a warning and no error: a click must be taken all the same."""
    hint = f"Make them with `manage.py evidence keys {folder}`, as the user that runs web and worker."
    try:
        open_ones = [path for path in (folder, *folder.glob("*")) if path.stat().st_mode & _OTHERS]
        missing = [name for name in (keys.SIGNING, keys.LISTENING) if not os.access(folder / name, os.R_OK)]
    except OSError:
        yield Warning("SHERIF_SIGNING_KEY: this folder cannot be read; sound is refused.", hint=hint, id="sherif.W004")
        return
    if missing:
        told = f"SHERIF_SIGNING_KEY: {' and '.join(missing)} cannot be read there; sound is refused."
        yield Warning(told, hint=hint, id="sherif.W004")
    if open_ones:
        yield Warning(
            "SHERIF_SIGNING_KEY: others on this machine can read the keys of recordings.",
            hint=f"chmod 700 {folder}; chmod 600 {folder}/*",
            id="sherif.W004",
        )


def _communes(path: Path) -> Iterator[CheckMessage]:
    """A damaged file is a warning and no error: a click must be taken all the same."""
    try:
        places.read(path)
    except places.PlacesError as error:
        yield Warning(
            f"Messages and pages name no commune, coordinates alone: {error}.",
            hint=f"Put {path.name} back from the release that runs here, and restart web and worker.",
            id="sherif.W003",
        )


def _operators() -> Iterator[CheckMessage]:
    """Nobody to tell is a warning and no error: a click must be taken all the same."""
    sherif = settings.SHERIF
    if not (sherif.operators or sherif.on_loopback):
        yield Warning(
            "SHERIF_OPERATORS is empty: nobody is told when an alert reaches nobody.",
            hint="Addresses and numbers in E.164, comma-separated: ops@sos.example,+33639980042",
            id="sherif.W001",
        )
    if any(not _ADDRESS.fullmatch(one) and numbers.is_forbidden(one) for one in sherif.operators):
        yield Error(
            "SHERIF_OPERATORS names something that is neither an address nor an ordinary number.",
            hint="Addresses and numbers in E.164, comma-separated: ops@sos.example,+33639980042",
            id="sherif.E015",
        )
    if any("@" in one for one in sherif.operators) and not (sherif.email_url or sherif.console):
        yield Error(
            "SHERIF_OPERATORS names addresses, but no mail leaves this installation.",
            hint="Set EMAIL_URL, or name telephone numbers.",
            id="sherif.E015",
        )


def _canary() -> Iterator[CheckMessage]:
    sherif = settings.SHERIF
    if sherif.canary_minutes and numbers.is_forbidden(sherif.canary_to):
        yield Error(
            "SHERIF_CANARY_TO is not an ordinary telephone number.",
            hint="The number in E.164 that receives the exercise; or set SHERIF_CANARY_MINUTES=0.",
            id="sherif.E016",
        )
