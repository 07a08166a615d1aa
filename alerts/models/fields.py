"""Fields encrypted at rest, and the keyed digests by which what is encrypted can be found again."""

import hashlib
import hmac
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper

if TYPE_CHECKING:
    _TextField = models.TextField[str, str]
else:
    _TextField = models.TextField


class UnreadableError(Exception):
    """A stored text that none of SHERIF_FIELD_KEYS decrypts: a key was lost, or somebody changed the row."""


@lru_cache(maxsize=4)
def _box(keys: tuple[str, ...]) -> MultiFernet:
    return MultiFernet([Fernet(key) for key in keys])


def encrypt(clear: str) -> str:
    """The text as stored: Fernet under the first of SHERIF_FIELD_KEYS; the empty text stays empty."""
    return _box(settings.SHERIF.field_keys).encrypt(clear.encode()).decode() if clear else ""


def decrypt(stored: str) -> str:
    """The clear text; raises UnreadableError, never hands out the ciphertext in its place."""
    if not stored:
        return ""
    try:
        return _box(settings.SHERIF.field_keys).decrypt(stored.encode()).decode()
    except InvalidToken as error:
        raise UnreadableError from error


def digest(kind: str, clear: str) -> str:
    """HMAC-SHA-256 (hex) under a key derived from the last of SHERIF_FIELD_KEYS, the one that rotation keeps.

    `kind` separates uses, so that a number and a code with the same digits do not share a digest.
    """
    key = hashlib.sha256(b"sherif digest " + settings.SHERIF.field_keys[-1].encode()).digest()
    return hmac.new(key, f"{kind}:{clear}".encode(), hashlib.sha256).hexdigest()


class EncryptedTextField(_TextField):
    """Text that the database never sees in clear. It cannot be filtered on: store a `digest` beside it."""

    def get_db_prep_save(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """Encrypt on the way in."""
        return super().get_db_prep_save(encrypt(value) if isinstance(value, str) else value, connection)

    def from_db_value(self, value: str | None, *_: object) -> str | None:
        """Decrypt on the way out."""
        return None if value is None else decrypt(value)
