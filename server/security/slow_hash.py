"""Hashes of what people think up or type: Argon2id, so slow that a stolen store gives little away."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

AT_A_TIME = 2  # more must wait: guessing must not take the processors from the fleet

# Time, memory and threads: https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODYS = _HASHER.hash("")

T = TypeVar("T")


class SlowHash:
    """Hashes in threads, a few at a time, so that the server goes on meanwhile."""

    def __init__(self) -> None:
        self._turn = asyncio.Semaphore(AT_A_TIME)

    async def hashed(self, secret: str) -> str:
        """The hash of a secret, with its salt and parameters."""
        return await self._in_turn(lambda: _HASHER.hash(secret))

    async def matches(self, secret_hash: str | None, secret: str) -> bool:
        """Whether that is the hash of the secret; without a hash no, after as long a time."""
        is_match = await self._in_turn(lambda: _matches(secret_hash or _NOBODYS, secret))
        return is_match and secret_hash is not None

    async def _in_turn(self, work: Callable[[], T]) -> T:
        async with self._turn:
            return await asyncio.to_thread(work)


def _matches(secret_hash: str, secret: str) -> bool:
    try:
        return _HASHER.verify(secret_hash, secret)
    except (VerifyMismatchError, InvalidHashError):
        return False
