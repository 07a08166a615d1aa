"""A real coturn with the configuration that we hand out, on private ports: only what is "Yours" is changed.

Needs Debian's package `coturn`. Nothing of a relay that already runs is touched.
"""

import re
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.certificates import self_signed
from tests.services import ServiceError, free_port

EXAMPLE = Path(__file__).resolve().parent.parent / "deploy/coturn/turnserver.conf"
HERE = "127.0.0.1"
READY_SECONDS = 15


@dataclass(frozen=True, kw_only=True)
class Relay:
    """A running relay; `peer` is the one address that may be reached through it."""

    port: int
    tls_port: int
    secret: str
    certificate: Path
    peer: str = HERE


def configuration(changes: Mapping[str, str]) -> str:
    """The example with other values. Raises KeyError for a line that it does not have."""
    text = EXAMPLE.read_text(encoding="utf-8")
    for name, value in changes.items():
        text, found = re.subn(rf"(?m)^{re.escape(name)}=.*$", f"{name}={value}", text)
        if not found:
            raise KeyError(name)
    return text


@contextmanager
def relay(**changes: str) -> Iterator[Relay]:
    """A relay on this machine; loopback peers are let through to the lists, which coturn forbids before them."""
    program = shutil.which("turnserver")
    if program is None:
        raise ServiceError("turnserver is missing: scripts/setup-tests installs it")
    secret = secrets.token_hex()
    with tempfile.TemporaryDirectory(prefix="sherif-coturn-") as name:
        folder = Path(name)
        running = Relay(port=free_port(), tls_port=free_port(), secret=secret, certificate=self_signed(folder, HERE))
        own = {
            "static-auth-secret": secret,
            "listening-ip": HERE,
            "relay-ip": HERE,
            "cert": str(running.certificate),
            "pkey": str(running.certificate),
            "allowed-peer-ip": running.peer,
            "listening-port": str(running.port),
            "tls-listening-port": str(running.tls_port),
            "log-file": "stdout",
        }
        text = configuration({**own, **changes})
        text = re.sub(r"(?m)^no-stdout-log$", "", text)
        text += f"\nallow-loopback-peers\ncli-password={secret}\nuserdb={folder}/db\npidfile={folder}/pid\n"
        (folder / "turnserver.conf").write_text(text, encoding="utf-8")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, "-c", str(folder / "turnserver.conf")], cwd=folder, stdout=log, stderr=log
            )
        try:
            _wait(process, running, folder / "log")
            yield running
        finally:
            process.terminate()
            process.wait(15)


def _wait(process: "subprocess.Popen[bytes]", running: Relay, log: Path) -> None:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until and process.poll() is None:
        try:
            for port in (running.port, running.tls_port):
                socket.create_connection((HERE, port), timeout=1).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise ServiceError(log.read_text(encoding="utf-8", errors="replace")[-3000:])
