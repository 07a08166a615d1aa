"""A process that holds the keys, and what asks it over a local socket. It signs and opens; it hands out no key.

One question a connection: a line of JSON, answered by one. Whoever may open the socket may ask: its folder's rights are
the fence. It signs only what looks like a line of a journal, so that it is no oracle for other documents.
"""

import base64
import json
import socket
import socketserver
from pathlib import Path
from typing import Any

from alerts.evidence.errors import KeyHolderError
from alerts.evidence.keys import Keys, PublicKeys
from alerts.evidence.lines import VERSION

_SECONDS = 2.0
_MOST = 1 << 16


class HeldKeys:
    """`Keys` that asks the holder at this socket."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def public(self) -> PublicKeys:
        """As Keys."""
        answer = self._ask({"do": "public"})
        return PublicKeys(signing=_raw(answer["signing"]), listening=str(answer["listening"]))

    def sign(self, content: bytes, *, by: bytes) -> bytes:
        """As Keys."""
        return _raw(self._ask({"do": "sign", "content": _text(content), "by": _text(by)})["signature"])

    def open(self, sealed: bytes) -> bytes:
        """As Keys."""
        return _raw(self._ask({"do": "open", "sealed": _text(sealed)})["content"])

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
        path.unlink(missing_ok=True)  # of one that was killed
        super().__init__(str(path), _Conversation)
        path.chmod(0o660)
        self.keys = keys

    def answer(self, question: dict[str, Any]) -> dict[str, str]:
        """What is said to one question. Raises KeyHolderError, KeyError, ValueError."""
        match question["do"]:
            case "public":
                public = self.keys.public()
                return {"signing": _text(public.signing), "listening": public.listening}
            case "sign":
                content = _raw(question["content"])
                if not content.startswith(f'{VERSION}\t{{"'.encode()):
                    raise KeyHolderError
                return {"signature": _text(self.keys.sign(content, by=_raw(question["by"])))}
            case "open":
                return {"content": _text(self.keys.open(_raw(question["sealed"])))}
        raise KeyHolderError


class _Conversation(socketserver.StreamRequestHandler):
    timeout = _SECONDS
    server: Holder

    def handle(self) -> None:
        """One question, one answer; what is refused says no more."""
        try:
            answer = self.server.answer(json.loads(self.rfile.readline(_MOST)))
        except (KeyHolderError, KeyError, TypeError, ValueError, OSError):
            answer = {"error": "refused"}
        self.wfile.write(json.dumps(answer).encode() + b"\n")


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _raw(text: str) -> bytes:
    return base64.b64decode(text, validate=True)
