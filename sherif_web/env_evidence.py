"""The settings of recordings: who holds the keys, who else may open them, and who stamps them."""

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urldefrag, urlsplit

from pyrage import RecipientError, x25519

from sherif_web.env_reader import Reader

_SOCKET = "unix:"
_LONGEST_SOCKET = 90  # unix(7): 108 bytes, a process id goes behind it


@dataclass(frozen=True, kw_only=True)
class Authority:
    """A time stamping authority: where it answers, and the file of certificates that make it believable."""

    url: str
    roots: Path


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`keys` is a folder, or with `held` the socket of a process that holds them.

    `kept` is the folder of the keys as far as this installation knows it; None: another unit holds them. With `draws`
    missing keys are drawn there.
    """

    folder: Path
    keys: Path
    held: bool
    draws: bool
    kept: Path | None = None
    escrow: str = ""
    authorities: tuple[Authority, ...] = field(default=())


def read(reader: Reader, data_dir: Path, *, on_loopback: bool) -> Evidence:
    """SHERIF_SIGNING_KEY, SHERIF_ESCROW_RECIPIENT, SHERIF_TSA_URLS; what is wrong is E024 to E026."""
    value = reader.text("SHERIF_SIGNING_KEY")
    held = value.startswith(_SOCKET)
    path, _sharp, behind = value.removeprefix(_SOCKET).partition("#")
    if (not value and not on_loopback) or (held and not 0 < len(path.encode()) <= _LONGEST_SOCKET):
        reader.refuse(
            "E024",
            "SHERIF_SIGNING_KEY is not set, or no place of a socket: nobody could sign a recording.",
            "A folder made by `manage.py evidence keys`, or unix:/run/sherif/keys.sock of `manage.py keyholder`.",
        )
    keys = Path(path) if value else data_dir / "keys"
    kept = (Path(behind) if behind else None) if held else keys
    return Evidence(
        folder=data_dir / "recordings",
        keys=keys,
        held=held,
        draws=on_loopback and (not value or bool(held and behind)),
        kept=kept,
        escrow=_escrow(reader),
        authorities=_authorities(reader),
    )


def _escrow(reader: Reader) -> str:
    value = reader.text("SHERIF_ESCROW_RECIPIENT")
    if value and not is_recipient(value):
        reader.refuse(
            "E025", "SHERIF_ESCROW_RECIPIENT is not an age recipient.", "It begins with age1; make one with age-keygen."
        )
        return ""
    return value


def is_recipient(value: str) -> bool:
    """Whether age could encrypt to this (X25519)."""
    try:
        x25519.Recipient.from_str(value)
    except RecipientError:
        return False
    return True


def _authorities(reader: Reader) -> tuple[Authority, ...]:
    found = []
    for value in reader.listed("SHERIF_TSA_URLS"):
        url, roots = urldefrag(value)
        if urlsplit(url).scheme not in {"http", "https"} or not Path(roots).is_file():
            reader.refuse(
                "E026",
                "SHERIF_TSA_URLS names an authority without an address or without its certificates.",
                "For instance https://tsa.example/#/etc/sherif/tsa.example.pem: behind the # a file of believed roots.",
            )
            continue
        found.append(Authority(url=url, roots=Path(roots)))
    return tuple(found)
