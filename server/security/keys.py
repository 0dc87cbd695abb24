"""Keys of devices and sessions: 256 random bits, so that a fast hash protects them as well as a slow one would."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

_ID_BYTES = 8
_SECRET_BYTES = 32


@dataclass(frozen=True, slots=True)
class Key:
    """A key in two parts: by its id it is found, by its secret it proves itself. Written `ID.SECRET`."""

    credential_id: str
    secret: str

    @classmethod
    def new(cls) -> Key:
        """A random key."""
        return cls(secrets.token_hex(_ID_BYTES), secrets.token_urlsafe(_SECRET_BYTES))

    @classmethod
    def parse(cls, text: str) -> Key:
        """A key from its written form; of what is no key, one that nothing matches."""
        credential_id, _, secret = text.partition(".")
        return cls(credential_id, secret)

    def __str__(self) -> str:
        return f"{self.credential_id}.{self.secret}"

    def __repr__(self) -> str:
        return f"Key({self.credential_id!r})"  # the secret belongs into no log

    @property
    def hash(self) -> str:
        """What may be stored of it."""
        return hashlib.sha256(self.secret.encode()).hexdigest()

    def matches(self, key_hash: str) -> bool:
        """Whether this is the key of that hash, in a time that does not depend on the answer."""
        return hmac.compare_digest(self.hash, key_hash)
