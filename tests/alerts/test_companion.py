"""The companion page as a browser receives it: neutral, complete, the same for everybody."""

import json
import re
from typing import Any

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from alerts.views import companion
from tests.people import PASSWORD, make_marie


def shell(client: Client) -> dict[str, Any]:
    """What the service worker keeps."""
    script = client.get("/phone/sw.js").content.decode()
    found = re.match(r"self\.shell = (\{.*\});\nimportScripts\(\"[^\"]+\"\);\n", script)
    assert found, script
    kept: dict[str, Any] = json.loads(found[1])
    return kept


def source(url: str) -> str:
    """The text of a static file."""
    path = finders.find(url.removeprefix(settings.STATIC_URL))
    assert path, url
    with open(path, encoding="utf-8") as file:
        return file.read()


def test_the_page_says_nothing_of_what_it_is(client: Client) -> None:
    page = client.get("/phone/").content.decode()

    assert "<title>Carnet</title>" in page
    for word in ("MonSh", "sherif", "SOS", "violence", "victime"):
        assert word.lower() not in page.lower()


def test_the_page_has_the_quick_exit(client: Client) -> None:
    assert 'href="/exit/"' in client.get("/phone/").content.decode()


def test_the_page_has_no_inline_script_and_no_inline_style(client: Client) -> None:
    page = client.get("/phone/").content.decode()

    assert not re.search(r"\son\w+=|style=|<style|javascript:", page)
    scripts = re.findall(r"<script([^>]*)>", page)
    assert scripts
    assert all("src=" in script or 'type="application/json"' in script for script in scripts)


def test_without_scripts_the_page_gives_the_other_ways_out(client: Client) -> None:
    page = client.get("/phone/").content.decode()

    plain = page[page.index('id="plain"') : page.index("</section>")]
    assert "JavaScript" in plain
    assert 'href="tel:17"' in plain
    assert 'href="sms:114"' in plain
    assert re.search(r'id="phone" hidden', page)


@pytest.mark.django_db
def test_the_page_is_the_same_for_marie_signed_in_and_for_anybody(client: Client) -> None:
    make_marie()
    for_anybody = client.get("/phone/").content

    assert client.login(username="marie", password=PASSWORD)
    assert client.get("/phone/").content == for_anybody


def test_every_word_that_the_scripts_ask_for_is_on_the_page(client: Client) -> None:
    page = client.get("/phone/").content.decode()
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', page)
    assert found
    words = json.loads(found[1])

    asked = {
        key
        for name in companion.modules()
        for key in re.findall(r'words\["(\w+)"\]', source(f"{settings.STATIC_URL}{name}"))
    }
    assert len(asked) > 10
    assert asked <= set(words)


def test_every_state_of_her_microphone_has_its_words(client: Client) -> None:
    page = client.get("/phone/").content.decode()
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', page)
    assert found
    keys = {"open", "close", "show", "hide", "hear", "deaf", "off", "hears", "picture_user", "picture_environment"}
    standing = {"loading", "joining", "in_none", "in_one", "in_many", "again", "away", "blocked"}
    ends = {"not_loaded", "full", "replaced", "unable", "over"}
    troubles = {
        f"{what}_{how}" for what in ("microphone", "camera") for how in ("asked", "refused", "absent", "busy", "lost")
    }

    words = {key.removeprefix("voice_") for key in json.loads(found[1]) if key.startswith("voice_")}

    assert words == keys | standing | ends | troubles


def test_every_state_of_her_button_has_its_words(client: Client) -> None:
    page = client.get("/phone/").content.decode()
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', page)
    assert found
    standing = {"none", "choosing", "joining", "in", "lost", "again"}
    whys = {"none_chosen", "refused", "unfit"}
    said = {"choose", "choose_again", "battery", "unheard", "low"}

    words = {key.removeprefix("button_") for key in json.loads(found[1]) if key.startswith("button_")}

    assert words == standing | whys | said


def test_every_state_of_her_recording_has_its_words(client: Client) -> None:
    page = client.get("/phone/").content.decode()
    found = re.search(r'<script id="words" type="application/json">(.*?)</script>', page)
    assert found
    running = {"opening", "unsafe", "on", "waiting", "lost", "muted", "busy", "gone"}
    ends = {"idle", "stopped", "stopped_unsafe", "leaving", "unasked", "refused", "absent", "unable", "full"}
    tried = {"trying", "good", "faint", "refused", "absent", "busy", "unable", "not_loaded"}
    asked = {f"sound_{key}" for key in {"start", "stop", "again"} | running | ends}
    asked |= {f"ear_{key}" for key in tried} | {f"hearing_{key}" for key in ("prompt", "denied", "unable")}

    words = {key: word for key, word in json.loads(found[1]).items() if key.startswith(("sound_", "ear_", "hearing_"))}

    assert set(words) == asked
    assert not [word for word in words.values() if "preuve" in word.lower()]


def test_every_answer_to_her_code_has_its_words(client: Client) -> None:
    page = client.get("/phone/").content.decode()

    for key in ("pin_wrong", "pin_too_often", "pin_other", "pin_not_sent", "remove_not_done", "contact_removed"):
        assert re.search(rf'"{key}": "\w', page), key


def test_the_siren_and_the_button_are_there_without_a_network(client: Client) -> None:
    kept = shell(client)["files"]

    for name in ("siren", "button", "rehearsal", "chosen", "removing", "standing"):
        assert f"{settings.STATIC_URL}js/parts/phone/{name}.js" in kept


def test_the_page_comes_without_the_code_that_opens_a_microphone(client: Client) -> None:
    """It is asked for when she asks, or chose to record; until then nothing on the page could."""
    page, kept = client.get("/phone/").content.decode(), shell(client)["files"]

    assert "js/parts/phone/voice.js" in companion.modules()
    assert not [name for name in (*companion.modules(), *kept) if "/room" in name]
    assert "js/parts/room" not in page
    assert not [name for name in companion.modules() if "getUserMedia" in source(f"{settings.STATIC_URL}{name}")]


def test_a_recording_begins_without_a_network(client: Client) -> None:
    kept = shell(client)["files"]

    opens = [name for name in companion.KEPT_BESIDE if "getUserMedia" in source(f"{settings.STATIC_URL}{name}")]
    assert opens == ["js/parts/phone/microphone.js"]
    for name in (*companion.KEPT_BESIDE, "js/parts/phone/recorder.js", "js/parts/phone/soundpost.js"):
        assert f"{settings.STATIC_URL}{name}" in kept


def test_the_manifest_installs_a_notebook(client: Client) -> None:
    answer = client.get("/phone/manifest.webmanifest")

    assert answer.headers["Content-Type"] == "application/manifest+json"
    manifest = answer.json()
    assert (manifest["name"], manifest["short_name"]) == ("Carnet", "Carnet")
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/phone/", "/phone/", "standalone")
    for icon in manifest["icons"]:
        assert finders.find(icon["src"].removeprefix(settings.STATIC_URL)), icon
    assert {"192x192", "512x512"} <= {icon["sizes"] for icon in manifest["icons"]}


def test_the_worker_is_a_script_that_no_cache_keeps(client: Client) -> None:
    answer = client.get("/phone/sw.js")

    assert answer.headers["Content-Type"] == "text/javascript; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("path", ["/phone/", "/phone/sw.js"])
def test_page_and_worker_stand_under_the_strict_policy(client: Client, path: str) -> None:
    policy = client.get(path).headers["Content-Security-Policy"]

    assert "default-src 'none'" in policy
    assert "worker-src 'self'" in policy
    assert "manifest-src 'self'" in policy
    assert "unsafe" not in policy


def test_the_worker_keeps_everything_that_the_page_asks_for(client: Client) -> None:
    page = client.get("/phone/").content.decode()
    kept = set(shell(client)["files"])

    asked = set(re.findall(r'(?:href|src)="(/static/[^"]+)"', page))
    assert asked
    assert asked <= kept


def test_the_worker_keeps_every_module_that_a_kept_module_imports(client: Client) -> None:
    kept = shell(client)["files"]
    scripts = [url for url in kept if url.endswith(".js")]

    imported = 0
    for url in scripts:
        folder = url.rsplit("/", 1)[0]
        for target in re.findall(r'from "(\.[^"]+)";|^import "(\.[^"]+)";', source(url), re.MULTILINE):
            imported += 1
            parts = folder.split("/")
            relative = "".join(target)
            while relative.startswith(("./", "../")):
                step, relative = relative.split("/", 1)
                parts = parts[:-1] if step == ".." else parts
            assert "/".join([*parts, relative]) in kept, (url, target)
    assert imported > 10


def test_the_worker_keeps_no_answer_of_the_service(client: Client) -> None:
    kept = shell(client)

    assert kept["page"] == "/phone/"
    assert all(url.startswith("/static/") for url in kept["files"])


def test_another_language_is_another_version_of_the_worker(client: Client) -> None:
    french = shell(client)["version"]

    assert shell(client)["version"] == french
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    english = shell(client)
    assert english["version"] != french
