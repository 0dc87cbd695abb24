"""Faults of the line between host and board, to be switched on by a test or an operator."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class LineFaults:
    """What goes wrong with replies; probabilities are of each reply."""

    drop: float = 0.0
    corrupt: float = 0.0
    one_behind: float = 0.0  # the reply is held back and comes in place of the next one
    silent_ids: set[int] = field(default_factory=set)
    unplugged: bool = False  # nothing comes through in either direction
    _held: bytes = b""

    def pass_on(self, reply: bytes, rng: random.Random) -> bytes:
        """What arrives at the host of one reply."""
        held, self._held = self._held, b""
        if rng.random() < self.drop:
            return held
        if rng.random() < self.corrupt:
            broken = bytearray(reply)
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            return held + bytes(broken)
        if rng.random() < self.one_behind:
            self._held = reply
            return held
        return held + reply
