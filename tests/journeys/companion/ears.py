"""What Marie's telephone hears, what the service keeps of it, and how somebody kills her browser."""

import os
import signal
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import Page, Response

from alerts.evidence import reading
from alerts.evidence.keys import FileKeys
from alerts.evidence.lines import Line
from tests import sound
from tests.browser import ARGUMENTS, path
from tests.journeys.companion.steps import Service

# What Chromium's own recorder gives, before our page touches it: for each piece its SHA-256.
MADE = """window.made = [];
window.MediaRecorder = class extends MediaRecorder {
    constructor(...given) {
        super(...given);
        this.addEventListener("dataavailable", async ({ data }) => {
            if (data.size > 0) {
                const place = window.made.push("") - 1;
                const hash = new Uint8Array(await crypto.subtle.digest("SHA-256", await data.arrayBuffer()));
                window.made[place] = [...hash].map((byte) => byte.toString(16).padStart(2, "0")).join("");
            }
        });
    }
};"""
A_MINUTE_LATER = """{
    const now = performance.now.bind(performance);
    performance.now = () => now() + 61_000;
}"""


@contextmanager
def listening(chromium: Chromium, folder: Path) -> Iterator[Chromium]:
    """Another Chromium, whose microphone hears a tone that climbs each second."""
    wav = folder / "heard.wav"
    sound.write(wav, seconds=30)
    running = chromium.browser_type.launch(
        executable_path=path(),
        args=[
            *ARGUMENTS,
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-audio-capture={wav}%noloop",
        ],
    )
    try:
        yield running
    finally:
        with suppress(PlaywrightError):
            running.close()


class Kept:
    """What the service has of her newest recording."""

    def __init__(self, service: Service) -> None:
        root = service.server.data_dir
        self.folder = max((root / "recordings").glob("*/*/manifest"), key=lambda path: path.stat().st_mtime).parent
        self.key = reading.key(self.folder, FileKeys(root / "keys"))

    def chunks(self) -> Sequence[Line]:
        """In the order of her telephone."""
        found = [line for line in reading.manifest(self.folder) if line.kind == "chunk"]
        return sorted(found, key=lambda line: int(line.facts["n"]))

    def files(self) -> Sequence[bytes]:
        """What can be played, each minute by itself."""
        segments = reading.segments(reading.manifest(self.folder))
        return [b"".join(reading.sound(self.folder, one.chunks, self.key)) for one in segments]

    def hashes(self) -> Sequence[str]:
        """Of each second as it was sent."""
        return [line.facts["sha256"] for line in self.chunks()]


# How many seconds of sound lie on her telephone. To open what is not there yet would make it.
ON_THE_TELEPHONE = """async () => {
    if (!(await indexedDB.databases()).some(({ name }) => name === "brouillons")) {
        return 0;
    }
    return await new Promise((resolve, reject) => {
        const opening = indexedDB.open("brouillons");
        opening.onsuccess = () => {
            const asked = opening.result.transaction("pages").objectStore("pages").count();
            asked.onsuccess = () => { opening.result.close(); resolve(asked.result); };
        };
        opening.onerror = reject;
    });
}"""


def answers_of(page: Page) -> list[Response]:
    """Each acknowledgement of a second of sound, from now on."""
    found: list[Response] = []

    def hear(answer: Response) -> None:
        if "/chunks/" in answer.url and answer.status in {200, 201}:
            found.append(answer)

    page.on("response", hear)
    return found


def receipt(answer: Response) -> tuple[int, tuple[int, str]]:
    """Which second was acknowledged, and with what."""
    told: dict[str, Any] = answer.json()
    return int(answer.url.rpartition("/")[2]), (told["sequence"], told["head"])


def kill(chromium: Chromium) -> float:
    """kill -9 of the whole browser; when, in seconds since 1970."""
    processes = chromium.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    killed = datetime.now(UTC).timestamp()
    for process in sorted(processes, key=lambda one: one["type"] != "browser"):
        with suppress(ProcessLookupError):
            os.kill(process["id"], signal.SIGKILL)
    time.sleep(0.5)  # what was on its way arrives
    return killed


def assert_nothing_is_missing(
    chunks: Sequence[Line],
    *,
    before: Sequence[Line],
    acknowledged: dict[int, tuple[int, str]],
    made: Sequence[str],
    until: float,
) -> None:
    """What the server had before it died, what it acknowledged, and what Chromium made, until the browser died."""
    assert chunks[: len(before)] == before
    assert [line.facts["n"] for line in chunks] == list(range(len(chunks)))
    kept = {line.facts["n"]: (line.facts["seq"], line.hash) for line in chunks}
    assert acknowledged.items() <= kept.items()
    assert [line.facts["sha256"] for line in chunks][: len(made)] == made
    assert len(chunks) >= len(made), "what was made before the last look had arrived by then"
    ended = datetime.fromisoformat(chunks[-1].facts["phone_at"]).timestamp() + 1
    assert until - ended < 2, "seconds of sound in flight when the browser died"


def assert_all_is_heard(files: Sequence[Sequence[int]]) -> None:
    """Every second once it began, in its order, without a hole; the next file begins before the last one ends."""
    first, second = files
    for file in files:
        assert file == list(range(file[0], file[-1] + 1))
    assert second[0] <= first[-1]
    assert second[-1] - first[0] >= 8
