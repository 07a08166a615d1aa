"""SMTP with one deadline for the whole conversation: a server that answers each step just in time is still too slow."""

import smtplib
import ssl
import time
from typing import Any


class HurriedSmtp(smtplib.SMTP):
    """Connects at once; every step has what is left of `seconds`. Raises OSError or SMTPException, as its parent."""

    def __init__(self, host: str, port: int, *, seconds: float, **options: Any) -> None:
        self._deadline = time.monotonic() + seconds
        super().__init__(host, port, timeout=seconds, **options)

    def send(self, s: Any) -> None:
        """Send within what is left."""
        self._hurry()
        super().send(s)

    def getreply(self) -> tuple[int, bytes]:
        """Read an answer within what is left."""
        self._hurry()
        return super().getreply()

    def _hurry(self) -> None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the deadline of this mail is over")
        if self.sock is not None:
            self.sock.settimeout(left)


class HurriedSmtpOverTls(HurriedSmtp, smtplib.SMTP_SSL):
    """The same inside TLS from the first octet."""


def connected(host: str, port: int, *, seconds: float, name: str, tls: ssl.SSLContext | None) -> HurriedSmtp:
    """An open connection, greeted; `name` is what we call ourselves (no look-up of our own name in the DNS)."""
    if tls is None:
        return HurriedSmtp(host, port, seconds=seconds, local_hostname=name)
    return HurriedSmtpOverTls(host, port, seconds=seconds, local_hostname=name, context=tls)
