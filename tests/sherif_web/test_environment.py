"""The environment is read once; what is unsafe is refused with a hint."""

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

from sherif_web import env, env_reader

SAFE = {
    "SHERIF_PUBLIC_URL": "https://sos.example",
    "SHERIF_SECRET_KEY": "k" * 64,
    "SHERIF_FIELD_KEYS": Fernet.generate_key().decode(),
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
    ],
)
def test_an_unsafe_installation_is_refused_with_a_hint(changes: dict[str, str], problem: str) -> None:
    found = env.read(SAFE | changes).problems
    assert problem in {one.id for one in found}
    assert all(one.hint and one.message for one in found)


@pytest.mark.parametrize("command", ["check", "web", "worker", "auditor"])
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
