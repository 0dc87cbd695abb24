"""The car's line to the server: reports out, orders and releases in, over one WebSocket that comes back by itself."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from http import HTTPStatus
from urllib.parse import urlsplit, urlunsplit

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus, InvalidURI
from websockets.http11 import Response

from car.connection.server_call import reason_of
from car.piloting.orders import ServerWords
from fleet.clock import Clock
from fleet.messages import (
    FROM_SERVER,
    REPORT_PERIOD_S,
    DriveMode,
    Hello,
    Refusal,
    Report,
    Welcome,
)

FIRST_RETRY_S = 0.2
LAST_RETRY_S = 2.0
OPEN_TIMEOUT_S = 2.0
CLOSE_TIMEOUT_S = 0.2
PING_PERIOD_S = 5.0
LINK_PATH = "/api/cars/link"

_log = logging.getLogger(__name__)


def link_url(server_url: str) -> str:
    """The WebSocket's address for a server's address.

    Raises:
        ValueError: if it is not http://host:port or https://host:port.
    """
    parts = urlsplit(server_url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError(f"server {server_url}: the address must look like http://host:port")
    scheme = "wss" if parts.scheme == "https" else "ws"
    return urlunsplit((scheme, parts.netloc, parts.path.rstrip("/") + LINK_PATH, "", ""))


class Link:
    """Lives in an event loop; `words` and `publish` are for the control loop's thread."""

    def __init__(self, server_url: str, key: str, hello: Hello, clock: Clock) -> None:
        """Prepare; `key` is the car's own.

        Raises:
            ValueError: if the server's address makes no sense.
        """
        self._url = link_url(server_url)
        self._headers = {"Authorization": f"Bearer {key}"}
        self._hello = hello
        self._clock = clock
        self._words = ServerWords()
        self._report: Report | None = None
        self._mode: DriveMode | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._changed = asyncio.Event()
        self._problem: str | None = None

    def words(self) -> ServerWords:
        """The newest of everything that the server said."""
        return self._words

    def publish(self, report: Report) -> None:
        """Offer a newer report; a change of mode is sent at once, the rest by the clock."""
        self._report = report
        if report.mode is not self._mode:
            self._mode = report.mode
            loop = self._loop
            if loop is not None and not loop.is_closed():
                loop.call_soon_threadsafe(self._changed.set)

    async def run(self) -> None:
        """Keep the line up until cancelled."""
        self._loop = asyncio.get_running_loop()
        retry_s = FIRST_RETRY_S
        while True:
            try:
                async with connect(
                    self._url,
                    additional_headers=self._headers,
                    open_timeout=OPEN_TIMEOUT_S,
                    close_timeout=CLOSE_TIMEOUT_S,
                    ping_interval=PING_PERIOD_S,
                    ping_timeout=PING_PERIOD_S,
                    compression=None,
                    proxy=None,
                ) as connection:
                    await connection.send(self._hello.model_dump_json())
                    if await self._talk(connection):
                        retry_s = FIRST_RETRY_S
            except InvalidStatus as error:
                self._note(self._refusal(error.response))
            except (OSError, TimeoutError, ConnectionClosed, InvalidHandshake, InvalidURI) as error:
                self._note(f"server {self._url}: {error or type(error).__name__}")
            finally:
                self._words = self._words.disconnected()
            await self._clock.sleep(retry_s)
            retry_s = min(LAST_RETRY_S, 2 * retry_s)

    def _refusal(self, response: Response) -> str:
        """Why the server does not even talk; with a key that it does not take, the way out."""
        reason = reason_of(response.body.decode(errors="replace")) or response.reason_phrase
        problem = f"server {self._url}: refused this car (status {response.status_code}): {reason}"
        if response.status_code not in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return problem
        return f"{problem}; a new key: pixelopolis car enrol --id {self._hello.car_id} --server … --code …"

    async def _talk(self, connection: ClientConnection) -> bool:
        """Talk until the line breaks; returns whether the server took the car."""
        sending = asyncio.create_task(self._send(connection))
        welcomed = False
        try:
            async for text in connection:
                welcomed = self._hear(text) or welcomed
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)
        if self._problem is None:
            self._note(f"server {self._url}: closed the connection")
        return welcomed

    async def _send(self, connection: ClientConnection) -> None:
        sent: Report | None = None
        while True:
            report = self._report
            # A report is sent once only: a control loop that hangs must look as silent as it is.
            if report is not None and report is not sent:
                await connection.send(report.model_dump_json())
                sent = report
            self._changed.clear()
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._changed.wait(), REPORT_PERIOD_S)

    def _hear(self, text: str | bytes) -> bool:
        """Take in a message; returns whether it is a welcome. What cannot be understood is dropped."""
        try:
            message = FROM_SERVER.validate_json(text)
        except ValidationError as error:
            _log.warning("server: a message that is none was dropped: %s", error.errors()[0]["msg"])
            return False
        self._words = self._words.hear(message, self._clock.now_s())
        if isinstance(message, Welcome):
            self._problem = None
            _log.info("server: connected, city %s", message.city)
        elif isinstance(message, Refusal):
            self._note(f"server: refused this car: {message.reason}")
        return isinstance(message, Welcome)

    def _note(self, problem: str) -> None:
        if problem != self._problem:
            _log.warning("%s", problem)
        self._problem = problem
