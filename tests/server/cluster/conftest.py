"""Several server processes' parts on one database, in this process."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx
import pytest

from fleet.clock import WallClock
from server.access_options import AccessOptions
from server.cluster.member import ClusterMember
from server.cluster.open import open_lease_book
from server.security.codes import CodeText
from server.serve import ServerOptions, leading_app, listen, make_server
from tests.server.keys import bearer, become_operator, know_operator
from tests.server.stand_in import StandIn
from tests.server.waiting import eventually

OPERATOR_CODE = CodeText.new()  # of every server of a cluster

_operators: dict[str, str] = {}  # keys by store


async def operator_of(store_url: str, http: httpx.AsyncClient) -> str:
    """The key of the operator of all servers on a store, from now on known at the one that `http` asks."""
    if store_url not in _operators:
        _operators[store_url] = await become_operator(http, str(OPERATOR_CODE))
    know_operator(str(http.base_url), _operators[store_url])
    return _operators[store_url]


class RunningMember:
    """One of several servers, listening on 127.0.0.1."""

    def __init__(self, member: ClusterMember, url: str, stop: Callable[[], Awaitable[None]]) -> None:
        self.member = member
        self.url = url
        self.link_url = f"ws{url.removeprefix('http')}/api/cars/link"
        self.http = httpx.AsyncClient(base_url=url, timeout=15.0, trust_env=False)
        self.stop = stop

    async def answers(self) -> bool:
        """Whether it can serve, by itself or through another."""
        return (await self.http.get("/api/health")).is_success


@asynccontextmanager
async def running_member(store_url: str) -> AsyncIterator[RunningMember]:
    """One server, asked by an operator; it need not lead when this returns."""
    with listen("127.0.0.1", 0) as listener:
        port = listener.getsockname()[1]
        url = f"http://127.0.0.1:{port}"
        access = AccessOptions(operator_code=OPERATOR_CODE)
        options = ServerOptions("pixelopolis", store_url, "127.0.0.1", port, 1, cluster_url=url, access=access)
        member = ClusterMember(url, await open_lease_book(store_url), partial(leading_app, options), WallClock())
        server = make_server(member, member)
        serving = asyncio.create_task(server.serve(sockets=[listener]))
        member.start()

        async def stop() -> None:
            server.should_exit = True
            await serving
            await member.stop()

        running = RunningMember(member, url, stop)
        try:
            await eventually(lambda: server.started)
            await eventually(running.answers)
            running.http.headers.update(bearer(await operator_of(store_url, running.http)))
            yield running
        finally:
            await running.http.aclose()
            await stop()


@pytest.fixture
def store_url(stand_in: StandIn) -> str:
    return stand_in.url(f"cluster{uuid.uuid4().hex[:8]}")


@pytest.fixture
async def two(store_url: str) -> AsyncIterator[tuple[RunningMember, RunningMember]]:
    """The one that leads, and the one that follows."""
    async with running_member(store_url) as first, running_member(store_url) as second:
        for member in (first, second):
            await eventually(member.answers)
        yield (first, second) if first.member.leads else (second, first)
