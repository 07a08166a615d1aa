"""Prism on the API document that Twilio itself publishes: says of a request whether Twilio's contract accepts it.

The document comes with the npm package @twilio-alpha/mcp, Prism with @stoplight/prism-cli; both listen on and talk to
this machine alone. Prism checks names, types and patterns of parameters; it rings nothing and remembers nothing.
"""

import json
import os
import re
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path
from typing import Any

from tests.server import ROOT, free_port

DOCUMENT = ROOT / "node_modules/@twilio-alpha/mcp/twilio-oai/spec/json/twilio_api_v2010.json"
PROGRAM = ROOT / "node_modules/@stoplight/prism-cli/dist/index.js"
_FORM = "application/x-www-form-urlencoded"
_READY_SECONDS = 60.0


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """What Twilio publishes, with two things put right so that Prism can judge by it.

    A list is a name sent several times: otherwise StatusCallbackEvent would be one value with commas, which no client
    of Twilio's sends. And an example of a list names no next page: the page that it names is refused by the document.
    """
    published: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    for operations in published["paths"].values():
        for operation in filter(lambda one: isinstance(one, dict), operations.values()):
            if form := _form(operation):
                lists = [name for name, of in form["schema"]["properties"].items() if of.get("type") == "array"]
                form["encoding"] = {name: {"style": "form", "explode": True} for name in lists}
            for example in _examples(operation):
                example.pop("next_page_uri", None)
    return published


def names(path: str, method: str) -> frozenset[str]:
    """The names that a request to this path may hold: those of its query for a GET, of its form otherwise.

    Prism passes over names that the document does not know, as Twilio does: a misspelt one would go unseen.
    """
    for known, operations in document()["paths"].items():
        if _fits(path, known):
            operation = operations[method.lower()]
            form = _form(operation)
            query = {one["name"] for one in operation.get("parameters", ()) if one["in"] == "query"}
            return frozenset(form["schema"]["properties"] if form else query)
    raise LookupError(f"Twilio publishes no {path}")


def _examples(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for response in operation.get("responses", {}).values():
        for content in response.get("content", {}).values():
            for example in content.get("examples", {}).values():
                if isinstance(example.get("value"), dict):
                    yield example["value"]


def _form(operation: dict[str, Any]) -> dict[str, Any] | None:
    form: dict[str, Any] | None = operation.get("requestBody", {}).get("content", {}).get(_FORM)
    return form


def _fits(path: str, known: str) -> bool:
    pattern = "[^/]+".join(map(re.escape, re.split(r"\{\w+\}", known)))
    return re.fullmatch(pattern, path) is not None


@contextmanager
def prism() -> Iterator[str]:
    """The URL of a running Prism; SHERIF_TWILIO_URL takes it."""
    port = free_port()
    with tempfile.TemporaryDirectory(prefix="prism-") as folder:
        published, log = Path(folder, "twilio.json"), Path(folder, "log")
        published.write_text(json.dumps(document()), encoding="utf-8")
        with log.open("wb") as output:
            process = subprocess.Popen(
                ["node", str(PROGRAM), "mock", f"--port={port}", "--host=127.0.0.1", str(published)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            _wait(process, port, log)
            yield f"http://127.0.0.1:{port}"
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGTERM)
            process.wait(15)


def _wait(process: subprocess.Popen[bytes], port: int, log: Path) -> None:
    ends = time.monotonic() + _READY_SECONDS
    while process.poll() is None and time.monotonic() < ends:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise RuntimeError(f"Prism did not start:\n{log.read_text(encoding='utf-8')}")
