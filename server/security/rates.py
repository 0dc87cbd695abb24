"""How often something may be tried: so many times at once, and once more each period."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Callable
from dataclasses import dataclass

_MOST_KEYS = 10_000  # before those are forgotten that have rested long enough


class TooOftenError(Exception):
    """Something was tried too often."""

    def __init__(self, wait_s: float) -> None:
        super().__init__(f"too many tries; the next one in {math.ceil(wait_s)} s")
        self.wait_s = wait_s


@dataclass(frozen=True, slots=True)
class Rate:
    """So many tries at once, and one more each `period_s`."""

    burst: int
    period_s: float


class RateLimiter:
    """The generic cell rate algorithm (ITU-T I.371): it keeps, for each key, when all its tries are back."""

    def __init__(self, rate: Rate, now_s: Callable[[], float]) -> None:
        self._rate = rate
        self._now_s = now_s
        self._rested_s: dict[str, float] = {}

    def take(self, key: str) -> None:
        """Use up one of a key's tries.

        Raises:
            TooOftenError: if it has none left.
        """
        now_s = self._now_s()
        rested_s = max(now_s, self._rested_s.get(key, now_s))
        wait_s = rested_s - now_s - (self._rate.burst - 1) * self._rate.period_s
        if wait_s > 1e-9:
            raise TooOftenError(wait_s)
        self._rested_s[key] = rested_s + self._rate.period_s
        if len(self._rested_s) > _MOST_KEYS:
            self._rested_s = {key: at_s for key, at_s in self._rested_s.items() if at_s > now_s}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a server allows."""

    log_ins_of_address: Rate = Rate(5, 12.0)
    log_ins: Rate = Rate(30, 2.0)  # from wherever
    enrolments_of_address: Rate = Rate(60, 1.0)  # a fleet may enrol from one address
    bookings_of_station: Rate = Rate(20, 3.0)


def address_block(host: str) -> str:
    """What counts as one address: of IPv6 the /64 that a household or a machine has for itself."""
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        mapped = address.ipv4_mapped
        return str(mapped) if mapped else str(ipaddress.IPv6Network((address, 64), strict=False))
    return str(address)
