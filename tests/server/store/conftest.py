"""Every kind of store, empty, for the contract; what a test opens is closed after it."""

from __future__ import annotations

import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import closing
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit, urlunsplit

import pytest
from pymongo import MongoClient

from server.store.base import Store
from server.store.open import open_store
from tests.server.stand_in import StandIn

SQLITE_KINDS = ("sqlite file", "sqlite memory")
MONGO_KINDS = ("mongodb", "mongodb+motor")  # on the stand-in
REAL_MONGO_KINDS = ("real mongodb", "real mongodb+motor")
REAL_MONGO_VARIABLE = "MONGODB_URL"


class Home:
    """Where one store lives; as a context manager it closes what was opened."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._opened: list[Store] = []

    async def open(self) -> Store:
        store = await open_store(self.url)
        self._opened.append(store)
        return store

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for store in self._opened:
            await store.close()


def _real_url(scheme: str, database: str) -> str:
    if REAL_MONGO_VARIABLE not in os.environ:
        pytest.skip(f"{REAL_MONGO_VARIABLE} names no MongoDB replica set")
    parts = urlsplit(os.environ[REAL_MONGO_VARIABLE])
    return urlunsplit((parts.scheme.replace("mongodb", scheme, 1), parts.netloc, database, parts.query, ""))


@pytest.fixture
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The URL of an empty store of the kind that the test's parameter names."""
    kind: str = request.param
    if kind in SQLITE_KINDS:
        yield "sqlite::memory:" if kind == "sqlite memory" else f"sqlite:{tmp_path}/deep/store.sqlite3"
        return
    database, scheme = f"test_{uuid.uuid4().hex}", kind.removeprefix("real ")
    if kind in MONGO_KINDS:
        stand_in: StandIn = request.getfixturevalue("stand_in")
        yield stand_in.url(database, scheme)
        return
    yield _real_url(scheme, database)
    with closing(MongoClient[dict[str, object]](_real_url("mongodb", database))) as client:
        client.drop_database(database)


@pytest.fixture
async def home(store_url: str) -> AsyncIterator[Home]:
    async with Home(store_url) as home:
        yield home


@pytest.fixture
async def store(home: Home) -> Store:
    return await home.open()
