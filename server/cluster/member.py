"""One server process among several: leads when it holds the lease, follows while another does."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from typing import Any

from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from fleet.clock import Clock
from server.api.health import live
from server.cluster.forwarding import Forwarder, answer_no_leader
from server.cluster.lease import EXPIRY_S, RENEW_PERIOD_S, Lease, LeaseBook, LeaseWatch, Role
from server.dispatch.views import API_PREFIX
from server.store.base import StoreError

LIVE_PATH = f"{API_PREFIX}/live"

LeadingApp = Callable[[], AbstractAsyncContextManager[ASGIApp]]

_log = logging.getLogger(__name__)


class ClusterMember:
    """An ASGI application that answers by itself while it leads, and has the leader answer while it does not."""

    def __init__(self, url: str, book: LeaseBook, lead: LeadingApp, clock: Clock) -> None:
        """Use `start` and `stop` around it.

        Args:
            url: where the other servers reach this one.
            book: where the lease is kept; closed by `stop`.
            lead: loads what is stored and makes the application, for as long as this process leads.
            clock: for the age of the lease.
        """
        member = uuid.uuid4().hex  # another one after each start
        self._url = url
        self._book = book
        self._lead = lead
        self._clock = clock
        self._forwarder = Forwarder(member)
        self._watch = LeaseWatch(member, Lease(), clock.now_s())
        self._app: ASGIApp | None = None  # while this process leads
        self._leading: asyncio.Task[None] | None = None
        self._changed = asyncio.Event()
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def leads(self) -> bool:
        """Whether this process decides now."""
        return self._app is not None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one connection."""
        if scope["type"] == "lifespan":
            return  # its user starts and stops it
        if self._app is not None:
            await self._app(scope, receive, send)
        elif scope["path"] == LIVE_PATH:  # is about this process, whoever leads
            await JSONResponse(await live())(scope, receive, send)
        elif (leader_url := self._watch.leader_url) is not None:
            await self._forwarder.forward(leader_url, scope, receive, send)
        else:
            await answer_no_leader(scope, receive, send)

    def start(self) -> None:
        """Begin to watch the lease."""
        self._tasks = [asyncio.create_task(self._run()), asyncio.create_task(self._hear_of_changes())]

    async def close_streams(self) -> None:
        """Stop leading, let another server lead at once, and end what is passed on."""
        await _end(*self._tasks)
        await self._step_down()
        await self._leave()
        await self._forwarder.close()

    async def stop(self) -> None:
        """End everything."""
        await self.close_streams()
        await self._book.close()

    async def _run(self) -> None:
        while True:
            self._changed.clear()
            try:
                await self._step()
            except StoreError as error:
                _log.warning("cannot see who leads: %s", error)
            await self._pause()

    async def _step(self) -> None:
        """Look at the lease, and do what follows from it."""
        if self._role is not Role.LEAD:
            await self._step_down()
        self._see(await self._book.look())
        if self._role is Role.TAKE:
            self._see(await self._book.take(self._watch.lease, self._watch.member, self._url))
        elif self._role is Role.LEAD:
            self._see(await self._book.renew(self._watch.lease))
        if self._role is Role.LEAD:
            await self._step_up()
        else:
            await self._step_down()

    @property
    def _role(self) -> Role:
        return self._watch.role(self._clock.now_s())

    def _see(self, lease: Lease) -> None:
        if lease.term != self._watch.lease.term:
            _log.info("term %d: %s leads", lease.term, lease.url or "nobody")
        self._watch = self._watch.observe(lease, self._clock.now_s())

    async def _step_up(self) -> None:
        if self._leading is None:
            self._leading = asyncio.create_task(self._serve())
        elif self._leading.done():  # it could not: give the others time to take over
            await self._step_down()
            await self._leave()
            await self._clock.sleep(EXPIRY_S)

    async def _serve(self) -> None:
        """Lead until cancelled. Loading may take long, so the lease is renewed beside it."""
        try:
            async with self._lead() as app:
                self._app = app
                await asyncio.get_running_loop().create_future()
        except StoreError as error:
            _log.error("this server cannot lead: %s", error)
        except Exception:
            _log.exception("this server cannot lead")
        finally:
            self._app = None

    async def _step_down(self) -> None:
        if self._leading is not None:
            await _end(self._leading)
            self._leading = None

    async def _leave(self) -> None:
        if self._watch.lease.member != self._watch.member:
            return
        try:
            self._see(await self._book.leave(self._watch.lease))
        except StoreError as error:
            _log.warning("the lead ends by itself, as it could not be given back: %s", error)

    async def _pause(self) -> None:
        """Until it is time to look again, or worth it."""
        waits = [asyncio.ensure_future(wait) for wait in (self._clock.sleep(RENEW_PERIOD_S), self._changed.wait())]
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            await _end(*waits)

    async def _hear_of_changes(self) -> None:
        """Notice a new leader at once; without this it takes up to a period."""
        while True:
            try:
                async for _ in self._book.changes():
                    self._changed.set()
            except StoreError as error:
                _log.info("changes of the lead are not heard: %s", error)
            await self._clock.sleep(RENEW_PERIOD_S)


async def _end(*tasks: asyncio.Future[Any]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
