"""The URL of a MongoDB store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Self

SCHEMES = ("mongodb", "mongodb+srv")
MOTOR = "+motor"  # after the scheme: the driver's choice is ours, and no option that MongoDB knows

_ADDRESS = re.compile(r"[\w.,:\[\]%-]+(/[\w.%-]*)?")


@dataclass(frozen=True, slots=True)
class MongoUrl:
    """A URL for the driver, and a name that can be shown.

    Attributes:
        connection: as MongoDB's drivers take it.
        by_motor: through motor instead of pymongo.
        shown: scheme, hosts and database: no user, no password, no options, of which some are secrets too.
    """

    connection: str
    by_motor: bool
    shown: str

    @classmethod
    def parse(cls, url: str) -> Self | None:
        """Take apart `mongodb://…`, `mongodb+srv://…`, or either with `+motor` after the scheme; else None."""
        scheme, separator, rest = url.partition("://")
        driver_scheme = scheme.removesuffix(MOTOR)
        if driver_scheme not in SCHEMES or not separator or not rest:
            return None
        # Where a password was not encoded as it must be, an address is shown only if nothing else can be in it.
        address = rest.rpartition("@")[2].partition("?")[0]
        shown = address if _ADDRESS.fullmatch(address) else "…"
        return cls(f"{driver_scheme}://{rest}", scheme != driver_scheme, f"{scheme}://{shown}")
