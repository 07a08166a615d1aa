"""Who holds the keys of recordings and who stamps them; what is unsafe is said to the operator."""

from dataclasses import replace
from pathlib import Path

import pytest
from django.conf import settings

from alerts.evidence import keys
from sherif_web import checks, env
from sherif_web.env_evidence import Evidence
from sherif_web.management.commands import run
from tests.sherif_web.test_environment import SAFE


def read(**changes: str) -> Evidence:
    return env.read(SAFE | changes).evidence


def test_keys_lie_in_a_folder_or_behind_a_socket_with_or_without_their_folder() -> None:
    filed = read(SHERIF_SIGNING_KEY="/etc/sherif/keys")
    apart = read(SHERIF_SIGNING_KEY="unix:/run/keys/sock")
    ours = read(SHERIF_SIGNING_KEY="unix:/run/keys/sock#/etc/sherif/keys")

    assert (filed.held, filed.keys, filed.kept) == (False, Path("/etc/sherif/keys"), Path("/etc/sherif/keys"))
    assert (apart.held, apart.keys, apart.kept) == (True, Path("/run/keys/sock"), None)
    assert (ours.held, ours.keys, ours.kept) == (True, Path("/run/keys/sock"), Path("/etc/sherif/keys"))
    assert not any(one.draws for one in (filed, apart, ours)), "a public installation draws nothing by itself"


def test_on_this_machine_alone_missing_keys_are_drawn(tmp_path: Path) -> None:
    here = {"SHERIF_DATA_DIR": str(tmp_path)}
    drawn = env.read(here).evidence

    assert (drawn.draws, drawn.keys) == (True, tmp_path / "keys")
    assert env.read(here | {"SHERIF_SIGNING_KEY": "unix:/run/sock#/keys"}).evidence.draws
    assert not env.read(here | {"SHERIF_SIGNING_KEY": "/etc/keys"}).evidence.draws


@pytest.mark.parametrize(
    ("value", "first"), [("unix:/run/sock#/keys", "keyholder"), ("unix:/run/sock", "web"), ("/keys", "web")]
)
def test_run_starts_a_holder_where_it_knows_the_folder(value: str, first: str) -> None:
    chosen = settings.SHERIF
    settings.SHERIF = replace(chosen, evidence=read(SHERIF_SIGNING_KEY=value))
    try:
        assert run._names()[0] == first
    finally:
        settings.SHERIF = chosen


def warned(folder: Path) -> list[str]:
    return [f"{one.id}: {one.msg}" for one in checks._keys(folder)]


def test_keys_that_are_missing_or_that_others_can_read_are_a_warning(tmp_path: Path) -> None:
    assert "cannot be read" in warned(tmp_path / "nowhere")[0]
    keys.draw(tmp_path / "keys")
    assert warned(tmp_path / "keys") == []

    (tmp_path / "keys" / keys.SIGNING).chmod(0o640)
    assert "others on this machine" in warned(tmp_path / "keys")[0]
    (tmp_path / "keys" / keys.SIGNING).unlink()
    assert f"sherif.W004: SHERIF_SIGNING_KEY: {keys.SIGNING} cannot be read there; sound is refused." in warned(
        tmp_path / "keys"
    )


def test_a_public_installation_without_an_authority_is_warned() -> None:
    chosen = settings.SHERIF
    assert checks.check_the_keys(None) == []
    settings.SHERIF = env.read(SAFE)
    try:
        assert [one.id for one in checks.check_the_keys(None)] == ["sherif.W005"]
    finally:
        settings.SHERIF = chosen
