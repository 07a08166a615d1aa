"""A time stamping authority of one's own: openssl behind a small web server, with a certificate made on the spot."""

import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from alerts.evidence.authority import Authority, load
from alerts.evidence.stamps import name_of

_CONFIG = """
[req]
distinguished_name = who
[who]
[ca]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamper]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = default
[default]
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/stamper.pem
signer_key = {folder}/stamper.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = yes
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""  # no `certs =`: the reply's certificates would break the order of a DER set


@dataclass
class Tsa:
    """Answers at `url` like an authority; `broken` changes its answers, `up` takes it away.

    `drips` are seconds between two bytes of an answer.
    """

    folder: Path
    url: str = ""
    up: bool = True
    broken: bytes | None = None
    drips: float = 0.0
    asked: int = 0
    _one: threading.Lock = field(default_factory=threading.Lock)

    @property
    def authority(self) -> Authority:
        """As the service knows it."""
        return load(name_of(self.url), self.url, self.folder / "root.pem")

    def reply(self, request: bytes) -> bytes:
        """What openssl says to a request. One after the other: it rewrites the file of serial numbers."""
        with self._one:
            self.asked += 1
            (self.folder / "request.tsq").write_bytes(request)
            _openssl(
                self.folder, "ts", "-reply", "-config", "tsa.cnf", "-queryfile", "request.tsq", "-out", "reply.tsr"
            )
            return (self.folder / "reply.tsr").read_bytes()


@contextmanager
def tsa(folder: Path, *, days: int = 3650) -> Iterator[Tsa]:
    """One at a free port until the end; its stamping certificate is valid for so many days (negative: no longer)."""
    folder.mkdir()
    made = Tsa(folder)
    _certify(folder, days=days)

    class Answers(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if not made.up:
                self.send_error(503)
                return
            answer = made.broken if made.broken is not None else made.reply(body)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            if not made.drips:
                self.wfile.write(answer)
                return
            with suppress(OSError):  # whoever asked is gone
                for byte in answer:
                    self.wfile.write(bytes([byte]))
                    time.sleep(made.drips)

        def log_message(self, *_: object) -> None:
            """Quiet."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        made.url = f"http://127.0.0.1:{server.server_port}/"
        serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        serving.start()
        try:
            yield made
        finally:
            server.shutdown()
            serving.join()


def _certify(folder: Path, *, days: int) -> None:
    (folder / "tsa.cnf").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    root = ("-subj", "/CN=root of the tests", "-days", "3650", "-extensions", "ca")
    new = ("req", "-config", "tsa.cnf", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    _openssl(folder, *new, "-x509", *root, "-keyout", "root.key", "-out", "root.pem")
    _openssl(folder, *new, "-subj", "/CN=stamper of the tests", "-keyout", "stamper.key", "-out", "stamper.csr")
    sign = ("x509", "-req", "-in", "stamper.csr", "-CA", "root.pem", "-CAkey", "root.key", "-set_serial", "7")
    extensions = ("-extfile", "tsa.cnf", "-extensions", "stamper")
    _openssl(folder, *sign, *extensions, "-days", str(days), "-out", "stamper.pem")


def _openssl(folder: Path, *arguments: str) -> None:
    subprocess.run(["openssl", *arguments], cwd=folder, check=True, capture_output=True)
