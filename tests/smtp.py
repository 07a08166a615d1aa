"""A mail server that goes as far as it is told and then hangs or hangs up; it speaks just enough SMTP to get there."""

import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

HANG, DROP = "hangs", "hangs up"
_ANSWERS = {
    "EHLO": b"250-box\r\n250-STARTTLS\r\n250 AUTH PLAIN\r\n",
    "STARTTLS": b"220 go\r\n",
    "AUTH": b"235 ok\r\n",
    "MAIL": b"250 ok\r\n",
    "RCPT": b"250 ok\r\n",
    "DATA": b"354 go\r\n",
    "QUIT": b"221 bye\r\n",
}


class _OverError(Exception):
    """The step was reached."""


class _Line:
    """One conversation."""

    def __init__(self, sock: socket.socket, step: str, *, context: ssl.SSLContext, slowness: float) -> None:
        self.sock = sock
        self._step = step
        self._context = context
        self._slowness = slowness

    def speak(self) -> None:
        """Until the step is reached or the client leaves."""
        self._reach("greeting")
        self._say(b"220 box\r\n")
        reader = self.sock.makefile("rb")
        while row := reader.readline():
            word = row.split(maxsplit=1)[0].decode().upper()
            self._reach(word)
            self._say(_ANSWERS[word])
            if word == "STARTTLS":
                self._reach("handshake")
                self.sock = self._context.wrap_socket(self.sock, server_side=True)
                reader = self.sock.makefile("rb")
            elif word == "DATA":
                self._reach("text")
                while reader.readline() != b".\r\n":
                    pass
                self._reach("dot")
                self._say(b"250 taken\r\n")

    def _say(self, answer: bytes) -> None:
        time.sleep(self._slowness)
        self.sock.sendall(answer)

    def _reach(self, step: str) -> None:
        if step == self._step:
            raise _OverError


@contextmanager
def server(step: str, how: str, *, certificate: Path, slowness: float = 0.0) -> Iterator[str]:
    """Reaches `step`, then hangs or hangs up; yields `127.0.0.1:port`. `slowness` in seconds before every answer."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    over = threading.Event()
    listening = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        sock, _ = listening.accept()
        line = _Line(sock, step, context=context, slowness=slowness)
        try:
            line.speak()
        except _OverError:
            if how == HANG:
                over.wait(10)
        except OSError:
            pass
        finally:
            with suppress(OSError):
                line.sock.shutdown(socket.SHUT_RDWR)
            line.sock.close()

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"127.0.0.1:{listening.getsockname()[1]}"
    finally:
        over.set()
        thread.join(5)
        listening.close()
