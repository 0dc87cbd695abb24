"""One-time codes: short enough to be typed, alive for minutes and a few tries only."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace

from server.security.records import Code

TRIES = 5
_ID_LENGTH = 4
_SECRET_LENGTH = 8  # 40 bits, of which somebody may guess five times
_GROUP = 4

# Crockford's base 32, https://www.crockford.com/base32.html: no letter can be taken for a digit.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_MISTAKEN = str.maketrans("OIL", "011", "- ")


@dataclass(frozen=True, slots=True)
class CodeText:
    """A code as it is told and typed: an id, by which tries are counted, and a secret. Written `XXXX-XXXX-XXXX`."""

    code_id: str
    secret: str

    @classmethod
    def new(cls) -> CodeText:
        """A random code."""
        letters = "".join(secrets.choice(_ALPHABET) for _ in range(_ID_LENGTH + _SECRET_LENGTH))
        return cls(letters[:_ID_LENGTH], letters[_ID_LENGTH:])

    @classmethod
    def parse(cls, text: str) -> CodeText:
        """A code as somebody typed it; of what is no code, one that nothing matches."""
        letters = text.upper().translate(_MISTAKEN)
        return cls(letters[:_ID_LENGTH], letters[_ID_LENGTH:])

    @property
    def is_whole(self) -> bool:
        """Whether it has the length and the letters of a code."""
        letters = self.code_id + self.secret
        return len(letters) == _ID_LENGTH + _SECRET_LENGTH and all(letter in _ALPHABET for letter in letters)

    def __str__(self) -> str:
        letters = self.code_id + self.secret
        return "-".join(letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))

    def __repr__(self) -> str:
        return f"CodeText({self.code_id!r})"  # the secret belongs into no log


def is_alive(code: Code, now_s: float) -> bool:
    """Whether a code may be tried."""
    return code.tries_left > 0 and now_s < code.expires_s


def tried(code: Code) -> Code:
    """The code after one try. A try counts before it is known whether it is right."""
    return replace(code, tries_left=code.tries_left - 1)


def fits(code: Code, role: str, name: str, is_taken: bool) -> bool:
    """Whether a code is for that role and name; a code without a name never gives away one that is taken."""
    return code.role == role and (code.name == name or (code.name is None and not is_taken))
