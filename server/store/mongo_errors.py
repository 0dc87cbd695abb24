"""Errors of MongoDB's drivers in plain words; none of them shows a password."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pymongo.errors import (
    BulkWriteError,
    ConnectionFailure,
    DuplicateKeyError,
    ExecutionTimeout,
    NetworkTimeout,
    OperationFailure,
    PyMongoError,
)

from server.store.base import StoreConflictError, StoreError
from server.store.mongo_url import MongoUrl

# https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
_NOT_ALLOWED = frozenset({13, 18})  # Unauthorized, AuthenticationFailed
_WRITE_CONFLICT = 112
_DUPLICATE_KEY = 11000


def url_error(url: MongoUrl, error: Exception) -> StoreError:
    """A URL that the driver does not take; the driver's words may quote the password, so only its error is named."""
    words = f" ({error})" if "@" not in url.connection and "?" not in url.connection else ""
    return StoreError(
        f"store {url.shown}: the URL is wrong ({type(error).__name__}){words}; write mongodb://HOST:PORT/DATABASE, "
        "user and password percent-encoded"
    )


def store_error(store: str, error: PyMongoError) -> StoreError:
    """What went wrong with the database, and the way out.

    Args:
        store: how to call the store.
        error: the driver's.
    """
    if _is_duplicate(error):
        return StoreConflictError(f"{store}: {_reason(error)}")
    if isinstance(error, (ConnectionFailure, ExecutionTimeout)) or error.timeout:
        return StoreError(
            f"{store}: cannot be reached ({_reason(error)}); see that the database runs and that the address is right"
        )
    if isinstance(error, OperationFailure) and error.code in _NOT_ALLOWED:
        return StoreError(f"{store}: does not let this user in ({_reason(error)}); see user, password and its rights")
    if error.has_error_label("TransientTransactionError"):
        return StoreError(f"{store}: was interrupted by another server ({_reason(error)}); stop all but one")
    return StoreError(f"{store}: fails ({_reason(error)}); nothing is granted until it works again")


def is_busy(error: PyMongoError) -> bool:
    """Whether another transaction holds what was to be written: at once for some servers, after a while for others."""
    is_conflict = isinstance(error, OperationFailure) and error.code == _WRITE_CONFLICT
    return is_conflict or isinstance(error, (ExecutionTimeout, NetworkTimeout))


def _is_duplicate(error: PyMongoError) -> bool:
    if isinstance(error, BulkWriteError):
        return any(each.get("code") == _DUPLICATE_KEY for each in error.details.get("writeErrors", ()))
    return isinstance(error, DuplicateKeyError)


def _reason(error: PyMongoError) -> str:
    """The driver's words without the long list of its settings and of all that it knows of the servers."""
    details = error.details if isinstance(error, OperationFailure) else None
    words = str((details or {}).get("errmsg") or error)
    return words.partition(" (configured timeouts")[0].partition(", full error:")[0].partition(", Timeout:")[0]


def check_replica_set(hello: Mapping[str, Any], store: str) -> None:
    """See that a server can do transactions.

    Args:
        hello: its answer to the command of that name.
        store: how to call the store in the error.

    Raises:
        StoreError: if it stands alone.
    """
    if "setName" not in hello and hello.get("msg") != "isdbgrid":
        raise StoreError(
            f"{store}: is a single server without transactions; start mongod with --replSet rs0 and run "
            "rs.initiate() once: a replica set of one is enough"
        )
