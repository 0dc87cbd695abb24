"""Faults of the line between host and board, to be switched on by a test or an operator."""

from __future__ import annotations

import random
from dataclasses import dataclass, field


@dataclass
class LineFaults:
    """What goes wrong with replies; drop … one_behind are probabilities, of each reply."""

    drop: float = 0.0
    corrupt: float = 0.0
    late: float = 0.0  # the reply comes `late_s` later, ahead of whatever is answered then
    duplicate: float = 0.0
    one_behind: float = 0.0  # the reply is held back and comes in place of the next one
    late_s: float = 0.12  # longer than a client waits
    silent_ids: set[int] = field(default_factory=set)
    unplugged: bool = False  # nothing comes through in either direction
    _held: bytes = b""
    _late: list[tuple[float, bytes]] = field(default_factory=list)

    def due(self, now_s: float) -> bytes:
        """The late replies whose time has come."""
        if not self._late:
            return b""
        arrived = b"".join(reply for due_s, reply in self._late if due_s <= now_s)
        self._late = [(due_s, reply) for due_s, reply in self._late if due_s > now_s]
        return arrived

    def pass_on(self, reply: bytes, rng: random.Random, now_s: float) -> bytes:
        """What arrives at the host of one reply."""
        held, self._held = self._held, b""
        if rng.random() < self.drop:
            return held
        if rng.random() < self.corrupt:
            broken = bytearray(reply)
            broken[rng.randrange(len(broken))] ^= 1 << rng.randrange(8)
            return held + bytes(broken)
        if rng.random() < self.late:
            self._late.append((now_s + self.late_s, reply))
            return held
        if rng.random() < self.one_behind:
            self._held = reply
            return held
        if rng.random() < self.duplicate:
            return held + reply + reply
        return held + reply
