"""Shared rides: a token with which others may watch a ride, and from which nothing follows that would change it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

from server.rides.booking import Ride
from server.rides.under_way import UnknownError

TOKEN_BYTES = 16


def share_token(ride_id: str) -> str:
    """The one-way image of a ride's random id.

    It is as hard to guess as the id, does not lead back to it, and outlives the server without being stored.
    """
    return hashlib.blake2b(ride_id.encode(), digest_size=TOKEN_BYTES, person=b"pixelopolis-ride").hexdigest()


def shared_ride(rides: Mapping[str, Ride], token: str) -> Ride:
    """The ride under way whose token this is.

    Raises:
        UnknownError: if there is none.
    """
    for ride in rides.values():
        if share_token(ride.ride_id) == token:
            return ride
    raise UnknownError("this link belongs to no ride that is under way")
