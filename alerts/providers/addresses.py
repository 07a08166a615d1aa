"""Addresses of mail: one recipient, nothing that could become a header or a command."""

import re
import unicodedata
from dataclasses import dataclass

import idna

from alerts.providers.base import ProviderError

BAD_ADDRESS = "bad_address"
_MOST = 254  # octets, RFC 5321 4.5.3.1.3 less the angle brackets
_MOST_LOCAL = 64  # octets, RFC 5321 4.5.3.1.1
# A dot-atom (RFC 5322 3.2.3), and beyond ASCII whatever is neither control nor space (RFC 6531 3.3).
_LOCAL = re.compile(r"[\w!#$%&'*+/=?^`{|}~\u0080-\U0010ffff-]+(?:\.[\w!#$%&'*+/=?^`{|}~\u0080-\U0010ffff-]+)*")


@dataclass(frozen=True, kw_only=True)
class Address:
    """One mailbox; the domain is ASCII (IDNA 2008), the part before it need not be."""

    local: str
    domain: str

    @property
    def written(self) -> str:
        """As it stands in the envelope."""
        return f"{self.local}@{self.domain}"

    @property
    def needs_utf8(self) -> bool:
        """Whether only a server that offers SMTPUTF8 can take it (RFC 6531)."""
        return not self.local.isascii()


def read(text: str) -> Address:
    """The address, normalised. Raises a permanent ProviderError for anything that is not exactly one."""
    local, _, domain = unicodedata.normalize("NFC", text).rpartition("@")
    if not _LOCAL.fullmatch(local) or any(unicodedata.category(character)[0] in "CZ" for character in local):
        raise ProviderError(BAD_ADDRESS, permanent=True)
    try:
        address = Address(local=local, domain=idna.encode(domain, uts46=True).decode())
    except UnicodeError as error:  # IDNAError is one
        raise ProviderError(BAD_ADDRESS, permanent=True) from error
    if len(local.encode()) > _MOST_LOCAL or len(address.written.encode()) > _MOST:
        raise ProviderError(BAD_ADDRESS, permanent=True)
    return address
