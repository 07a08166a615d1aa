"""The environment is read once; what is unsafe is refused with a hint."""

import json
import os
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.core.checks import run_checks
from pytest_django import Settings

from sherif_web import checks, env, env_reader

SAFE = {
    "SHERIF_PUBLIC_URL": "https://sos.example",
    "SHERIF_SECRET_KEY": "k" * 64,
    "SHERIF_FIELD_KEYS": Fernet.generate_key().decode(),
    "SHERIF_SIGNING_KEY": "unix:/run/sherif-keys/sock",
    "SHERIF_TELEPHONY": "twilio",
    "TWILIO_ACCOUNT_SID": "AC" + "0" * 32,
    "TWILIO_AUTH_TOKEN": "t" * 32,
    "SHERIF_SMS_SENDER": "MonSherif",
    "SHERIF_VOICE_NUMBER": "+33199000000",
}


def refused(**changes: str) -> set[str]:
    """The ids of the problems of a safe environment with these changes."""
    return {problem.id for problem in env.read(SAFE | changes).problems}


def test_a_complete_installation_is_accepted() -> None:
    assert refused() == set()
    heard = {"SHERIF_MAIL_WEBHOOKS": "brevo,mailgun", "SHERIF_MAIL_WEBHOOK_SECRET": "mail:" + "s" * 24}
    assert refused(**heard, SHERIF_MAIL_WEBHOOK_KEY="k", EMAIL_URL="smtp+tls://mail.example") == set()


def test_an_installation_with_a_room_of_its_own_is_accepted() -> None:
    urls = ["turn:turn.sos.example:3478", "turn:[2001:db8::1]?transport=tcp", "turns:turn.sos.example:443"]
    there = {
        "SHERIF_MEDIA_UDP": "[::]:10000",
        "SHERIF_MEDIA_ADDRESS": "203.0.113.7, 2001:db8::7",
        "SHERIF_MEDIA_URL": "http://" + "t" * 24 + "@100.64.0.5:8090",
        "SHERIF_ICE_SERVERS": json.dumps([{"urls": "stun:turn.sos.example"}, {"urls": urls}]),
        "SHERIF_TURN_SECRET": "s" * 24,
    }
    assert refused(**there) == set()
    media = env.read(SAFE | there).media
    assert (media.udp, media.level, media.ice_servers[1]) == (("::", 10000), "fast", tuple(urls))
    assert not any(secret in repr(media) for secret in ("t" * 24, "s" * 24)), "a traceback would show it"


@pytest.mark.parametrize(
    ("value", "template", "attribution"),
    [
        ("none", "", ""),
        ("https://tiles.example/{z}/{x}/{y}.png?key=k", "https://tiles.example/{z}/{x}/{y}.png?key=k", "tiles.example"),
        ("https://t.example/{z}/{x}/{y}#© Osm%20people ", "https://t.example/{z}/{x}/{y}", "© Osm people"),
        ("http://10.0.0.7:8080/{z}/{x}/{y}", "http://10.0.0.7:8080/{z}/{x}/{y}", "10.0.0.7"),
        ("http://tileserver/{z}/{x}/{y}", "http://tileserver/{z}/{x}/{y}", "tileserver"),
    ],
)
def test_a_base_map_is_a_server_of_tiles_with_its_makers_or_none(value: str, template: str, attribution: str) -> None:
    assert refused(SHERIF_TILES=value) == set()
    tiles = env.read(SAFE | {"SHERIF_TILES": value}).tiles
    assert (tiles.template, tiles.attribution, tiles.file) == (template, attribution, None)
    assert not template or template not in repr(tiles), "it may hold the key of an account"


def test_the_base_map_is_the_state_s_own_unless_told() -> None:
    tiles = env.read(SAFE).tiles
    assert "data.geopf.fr" in tiles.template
    assert tiles.attribution == "© IGN"


def test_a_demonstrations_room_answers_this_machine_alone_unless_told_where_to_listen(tmp_path: Path) -> None:
    here = {"SHERIF_DATA_DIR": str(tmp_path)}
    assert env.read(here).media.only_here
    assert not env.read(here | {"SHERIF_MEDIA_UDP": "127.0.0.1:0"}).media.only_here
    assert not env.read(SAFE).media.only_here


def test_a_room_that_nobody_could_reach_is_a_warning_and_stops_no_click(settings: Settings) -> None:
    public = replace(settings.SHERIF, public_url="https://sos.example", media=env.read(SAFE).media)
    settings.SHERIF = public
    assert [warning.id for warning in checks.check_the_room(None)] == ["sherif.W002"]
    settings.SHERIF = replace(public, media=env.read(SAFE | {"SHERIF_MEDIA_ADDRESS": "203.0.113.7"}).media)
    assert checks.check_the_room(None) == []


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"SHERIF_SECRET_KEY": ""}, "sherif.E001"),
        ({"SHERIF_SECRET_KEY": "short"}, "sherif.E001"),
        ({"SHERIF_DEBUG": "perhaps"}, "sherif.E002"),
        ({"SHERIF_ALERT_HOURS": "-1"}, "sherif.E002"),
        ({"SHERIF_ALERT_HOURS": "1e3"}, "sherif.E002"),
        ({"SHERIF_LADDER_SECONDS": "99999"}, "sherif.E002"),
        ({"SHERIF_PUBLIC_URL": "sos.example"}, "sherif.E003"),
        ({"SHERIF_FIELD_KEYS": ""}, "sherif.E004"),
        ({"SHERIF_FIELD_KEYS": "not-a-key"}, "sherif.E004"),
        ({"SHERIF_TELEPHONY": "pigeon"}, "sherif.E005"),
        ({"SHERIF_TELEPHONY": "console,twilio"}, "sherif.E005"),
        ({"TWILIO_AUTH_TOKEN": ""}, "sherif.E006"),
        ({"SHERIF_PUBLIC_URL": "http://sos.example"}, "sherif.E007"),
        ({"SHERIF_DEBUG": "1"}, "sherif.E008"),
        ({"SHERIF_TELEPHONY": "console"}, "sherif.E009"),
        ({"SHERIF_MAIL_WEBHOOKS": "pigeon", "SHERIF_MAIL_WEBHOOK_SECRET": "mail:" + "s" * 24}, "sherif.E013"),
        ({"SHERIF_MAIL_WEBHOOKS": "postmark"}, "sherif.E013"),
        ({"SHERIF_MAIL_WEBHOOKS": "postmark", "SHERIF_MAIL_WEBHOOK_SECRET": "s" * 40}, "sherif.E013"),
        ({"SHERIF_MAIL_WEBHOOKS": "postmark", "SHERIF_MAIL_WEBHOOK_SECRET": "mail:short"}, "sherif.E013"),
        ({"SHERIF_MAIL_WEBHOOKS": "mailgun", "SHERIF_MAIL_WEBHOOK_SECRET": "mail:" + "s" * 24}, "sherif.E013"),
        ({"EMAIL_URL": "http://mail.example"}, "sherif.E016"),
        ({"SHERIF_MEDIA_LEVEL": "faster"}, "sherif.E002"),
        ({"SHERIF_MEDIA_UDP": "10000"}, "sherif.E017"),
        ({"SHERIF_MEDIA_UDP": "media.sos.example:10000"}, "sherif.E017"),
        ({"SHERIF_MEDIA_UDP": "0.0.0.0:65536"}, "sherif.E017"),
        ({"SHERIF_MEDIA_ADDRESS": "sos.example"}, "sherif.E018"),
        ({"SHERIF_MEDIA_ADDRESS": "::"}, "sherif.E018"),
        ({"SHERIF_MEDIA_URL": "unix:run/media.sock"}, "sherif.E019"),
        ({"SHERIF_MEDIA_URL": "unix:/" + "x" * 107}, "sherif.E019"),
        ({"SHERIF_MEDIA_URL": "http://10.0.0.5:8090"}, "sherif.E019"),
        ({"SHERIF_MEDIA_URL": "http://" + "t" * 24 + "@1.2.3.4:8090"}, "sherif.E019"),
        ({"SHERIF_MEDIA_URL": "http://" + "t" * 24 + "@0.0.0.0:8090"}, "sherif.E019"),
        ({"SHERIF_MEDIA_URL": "http://" + "t" * 24 + "@10.0.0.5:99999"}, "sherif.E019"),
        ({"SHERIF_ICE_SERVERS": "stun:stun.example"}, "sherif.E020"),
        ({"SHERIF_ICE_SERVERS": '[{"urls": "https://turn.example"}]'}, "sherif.E020"),
        ({"SHERIF_ICE_SERVERS": '[{"urls": []}]'}, "sherif.E020"),
        ({"SHERIF_ICE_SERVERS": "[" * 9_000}, "sherif.E020"),
        ({"SHERIF_ICE_SERVERS": '[{"urls": "turn:a.example", "username": "u", "credential": "p"}]'}, "sherif.E020"),
        ({"SHERIF_ICE_SERVERS": '[{"urls": "turn:turn.example"}]'}, "sherif.E021"),
        ({"SHERIF_ICE_SERVERS": '[{"urls": "turn:turn.example"}]', "SHERIF_TURN_SECRET": "short"}, "sherif.E021"),
        ({"SHERIF_TILES": "https://tiles.example/{z}/{x}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https://{s}.tiles.example/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https://{z}.example/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https://tiles.example/{z}/{x}/{y} .png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https://tiles.example/é/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https://marie@tiles.example/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https:///{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "https://tiles.example:port/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "http://tiles.example/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "http://1.2.3.4/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "ftp://tiles.example/{z}/{x}/{y}.png"}, "sherif.E022"),
        ({"SHERIF_TILES": "/nowhere/france.pmtiles"}, "sherif.E022"),
        ({"SHERIF_TILES": "/etc/hostname"}, "sherif.E022"),
        ({"SHERIF_TILES": "yes"}, "sherif.E022"),
        ({"SHERIF_SIGNING_KEY": ""}, "sherif.E024"),
        ({"SHERIF_SIGNING_KEY": "unix:"}, "sherif.E024"),
        ({"SHERIF_SIGNING_KEY": "unix:/" + "x" * 90}, "sherif.E024"),
        ({"SHERIF_ESCROW_RECIPIENT": "age1nobody"}, "sherif.E025"),
        ({"SHERIF_TSA_URLS": "https://tsa.example/"}, "sherif.E026"),
        ({"SHERIF_TSA_URLS": "https://tsa.example/#/nowhere.pem"}, "sherif.E026"),
    ],
)
def test_an_unsafe_installation_is_refused_with_a_hint(changes: dict[str, str], problem: str) -> None:
    found = env.read(SAFE | changes).problems
    assert problem in {one.id for one in found}
    assert all(one.hint and one.message for one in found)


@pytest.mark.parametrize("command", ["check", "web", "worker", "auditor", "media", "keyholder"])
def test_no_part_starts_in_an_unsafe_environment(command: str, tmp_path: Path) -> None:
    unsafe = {**os.environ, **SAFE, "SHERIF_DATA_DIR": str(tmp_path), "SHERIF_SECRET_KEY": "short"}
    unsafe["DJANGO_SETTINGS_MODULE"] = "sherif_web.settings"
    ended = subprocess.run(
        [sys.executable, "manage.py", command],
        cwd=env.BASE_DIR,
        env=unsafe,
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert ended.returncode == 1
    assert b"sherif.E001" in ended.stderr


def test_a_loopback_installation_draws_its_secrets_once_and_keeps_them_to_itself(tmp_path: Path) -> None:
    first = env.read({"SHERIF_DATA_DIR": str(tmp_path / "data")})
    second = env.read({"SHERIF_DATA_DIR": str(tmp_path / "data")})
    other = env.read({"SHERIF_DATA_DIR": str(tmp_path / "other")})

    assert first.problems == ()
    assert (first.secret_key, first.field_keys) == (second.secret_key, second.field_keys)
    assert first.secret_key != other.secret_key
    kept = tmp_path / "data" / "secrets.json"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600


def test_a_public_installation_never_draws_secrets_by_itself(tmp_path: Path) -> None:
    env.read({"SHERIF_DATA_DIR": str(tmp_path), "SHERIF_PUBLIC_URL": "https://sos.example"})
    assert not (tmp_path / "secrets.json").exists()


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"SHERIF_PUBLIC_URL": "https://sos.example"}, False),
        ({"SHERIF_PUBLIC_URL": "https://sos.example", "SHERIF_DEMO": "1"}, True),
        ({"SHERIF_TELEPHONY": "twilio"}, False),
        ({"SHERIF_TELEPHONY": "twilio", "SHERIF_TWILIO_URL": "http://127.0.0.1:4010"}, True),
    ],
)
def test_invented_people_live_only_where_no_telephone_rings(
    changes: dict[str, str], expected: bool, tmp_path: Path
) -> None:
    assert env.read({"SHERIF_DATA_DIR": str(tmp_path)} | changes).demonstration is expected


@pytest.mark.parametrize(
    ("urls", "allowed"),
    [
        ({}, False),
        ({"SHERIF_TWILIO_URL": "http://127.0.0.1:1"}, False),
        ({"OVH_URL": "http://127.0.0.1:1"}, False),
        ({"SHERIF_TWILIO_URL": "http://127.0.0.1:1", "OVH_URL": "http://127.0.0.1:2"}, True),
    ],
)
def test_invented_people_live_beside_stand_ins_for_every_network_only(
    *, urls: dict[str, str], allowed: bool, tmp_path: Path
) -> None:
    loopback = {"SHERIF_DATA_DIR": str(tmp_path), "SHERIF_TELEPHONY": "twilio,ovh"}
    assert env.read(loopback | urls).demonstration is allowed


def test_a_problem_of_the_environment_stops_every_command(settings: Settings) -> None:
    problem = env_reader.Problem(id="sherif.E001", message="unsafe", hint="mend it")
    settings.SHERIF = replace(settings.SHERIF, problems=(problem,))
    assert "sherif.E001" in {found.id for found in run_checks()}


def test_nobody_learns_where_she_is_unless_the_installation_says_whom_to_ask_for_streets() -> None:
    assert env.read(SAFE).streets == ""
    assert env.read(SAFE | {"SHERIF_STREETS": "ban"}).streets == "https://data.geopf.fr/geocodage"
    assert env.read(SAFE | {"SHERIF_STREETS": "http://127.0.0.1:9/geocodage"}).streets == "http://127.0.0.1:9/geocodage"
    assert refused(SHERIF_STREETS="google") == {"sherif.E023"}
    assert refused(SHERIF_STREETS="http://addresses.example") == {"sherif.E023"}
