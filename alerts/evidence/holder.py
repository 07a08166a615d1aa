"""A process that holds the keys, and what asks it over a local socket. It signs and opens; it hands out no key.

One question a connection: a line of JSON, answered by one. Whoever may open the socket may ask: its folder's rights are
the fence. It signs only what looks like a line of a journal, so that it is no oracle for other documents.
"""

import base64
import ctypes
import json
import os
import signal
import socket
import socketserver
import sys
import threading
from pathlib import Path
from typing import Any

from alerts.evidence.errors import KeyHolderError
from alerts.evidence.keys import FileKeys, Keys, PublicKeys
from alerts.evidence.lines import VERSION

_SECONDS = 2.0
_MOST = 1 << 17  # a second of sound, sealed, in base64
_PR_SET_DUMPABLE = 4


class HeldKeys:
    """`Keys` that asks the holder at this socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def public(self) -> PublicKeys:
        """As Keys."""
        answer = self._ask({"do": "public"})
        return PublicKeys(
            signing=_raw(answer["signing"]), listening=str(answer["listening"]), waiting=_raw(answer["waiting"])
        )

    def sign(self, content: bytes, *, by: bytes) -> bytes:
        """As Keys."""
        return _raw(self._ask({"do": "sign", "content": _text(content), "by": _text(by)})["signature"])

    def open(self, sealed: bytes) -> bytes:
        """As Keys."""
        return _raw(self._ask({"do": "open", "sealed": _text(sealed)})["content"])

    def take(self, sealed: bytes, *, told: bytes) -> bytes:
        """As Keys."""
        return _raw(self._ask({"do": "take", "sealed": _text(sealed), "told": _text(told)})["content"])

    def _ask(self, question: dict[str, str]) -> dict[str, Any]:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
                line.settimeout(_SECONDS)
                line.connect(str(self._path))
                line.sendall(json.dumps(question).encode() + b"\n")
                answer = json.loads(line.makefile("rb").readline(_MOST))
        except (OSError, ValueError) as error:
            raise KeyHolderError from error
        if not isinstance(answer, dict) or "error" in answer:
            raise KeyHolderError
        return answer


class Holder(socketserver.ThreadingUnixStreamServer):
    """Answers until it is shut down."""

    daemon_threads = True

    def __init__(self, path: Path, keys: Keys) -> None:
        draft = path.with_name(f"{path.name}.{os.getpid()}")
        super().__init__(str(draft), _Conversation)
        draft.chmod(0o660)
        draft.replace(path)  # in the place of one that was killed
        self.keys = keys

    def answer(self, question: dict[str, Any]) -> dict[str, str]:
        """What is said to one question. Raises KeyHolderError, KeyError, ValueError."""
        match question["do"]:
            case "public":
                public = self.keys.public()
                told = {"signing": _text(public.signing), "listening": public.listening}
                return {**told, "waiting": _text(public.waiting)}
            case "sign":
                content = _raw(question["content"])
                if not content.startswith(f'{VERSION}\t{{"'.encode()):
                    raise KeyHolderError
                return {"signature": _text(self.keys.sign(content, by=_raw(question["by"])))}
            case "open":
                return {"content": _text(self.keys.open(_raw(question["sealed"])))}
            case "take":
                return {"content": _text(self.keys.take(_raw(question["sealed"]), told=_raw(question["told"])))}
        raise KeyHolderError


class _Conversation(socketserver.StreamRequestHandler):
    timeout = _SECONDS
    server: Holder

    def handle(self) -> None:
        """One question, one answer; what is refused says no more."""
        try:
            answer = self.server.answer(json.loads(self.rfile.readline(_MOST)))
        except (KeyHolderError, KeyError, TypeError, ValueError, OSError, RecursionError):
            answer = {"error": "refused"}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def hold(path: Path, folder: Path, *, until: threading.Event) -> None:
    """Answer at this socket with the keys of this folder. Raises KeyHolderError: no keys; OSError: no socket."""
    held = FileKeys(folder)
    held.public()
    _let_nobody_look_in()
    with Holder(path, held) as holder:
        answering = threading.Thread(target=holder.serve_forever, name="holder")
        answering.start()
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        until.wait()
        holder.shutdown()
        answering.join()


def main(path: str, folder: str) -> None:
    """`python -m alerts.evidence.holder SOCKET FOLDER`: a unit of its own needs none of the service's settings."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stopped.set())
    hold(Path(path), Path(folder), until=stopped)


def _let_nobody_look_in() -> None:
    """No memory dump, and no debugger of another process of the same user (prctl(2), Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
