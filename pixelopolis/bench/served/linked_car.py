"""A double of a car on a real link: reports as often as a car does, drives as fast, and measures what it hears."""

from __future__ import annotations

import asyncio
import time

from pydantic import ValidationError
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake

from fleet.messages import FROM_SERVER, LINK_TIMEOUT_S, REPORT_PERIOD_S, Refusal, Release
from pixelopolis.bench.served.car_double import BadOrderError, CarDouble
from pixelopolis.demo.keys import bearer

SPEED_MPS = 0.25
RECONNECT_PAUSE_S = 0.5
OPEN_TIMEOUT_S = 30.0


class LinkedCar:
    """Drives a double over a link until cancelled.

    Attributes:
        answer_ms: from each report to the first release after it.
        longest_silence_s: between two releases; a car stops after `LINK_TIMEOUT_S`.
        silences: how often that was the case.
        problems: what a car would not have understood, and links that broke.
    """

    def __init__(self, double: CarDouble, link_url: str, key: str) -> None:
        self.answer_ms: list[float] = []
        self.longest_silence_s = 0.0
        self.silences = 0
        self.problems: list[str] = []
        self._double = double
        self._link_url = link_url
        self._key = key
        self._reported_s: float | None = None  # since the last release, first report
        self._released_s: float | None = None

    @property
    def is_told(self) -> bool:
        """Whether the server has told it how far it may drive."""
        return self._double.release is not None

    def begin(self) -> None:
        """Forget what was measured so far."""
        self.answer_ms.clear()
        self.longest_silence_s, self.silences = 0.0, 0

    async def run(self) -> None:
        """Talk and drive; a link that ends is opened again."""
        while True:
            try:
                async with connect(
                    self._link_url,
                    proxy=None,
                    compression=None,
                    open_timeout=OPEN_TIMEOUT_S,
                    additional_headers=bearer(self._key),
                ) as link:
                    await self._talk(link)
            except (ConnectionClosed, InvalidHandshake, OSError) as error:
                self._note(f"the link broke: {error or type(error).__name__}")
            self._double.release = self._reported_s = self._released_s = None  # silence stops a car
            await asyncio.sleep(RECONNECT_PAUSE_S)

    async def _talk(self, link: ClientConnection) -> None:
        await link.send(self._double.hello.model_dump_json())
        driving = asyncio.create_task(self._drive(link))
        try:
            async for text in link:
                self._hear(text)
        finally:
            driving.cancel()
            await asyncio.gather(driving, return_exceptions=True)

    async def _drive(self, link: ClientConnection) -> None:
        due_s = time.monotonic()
        while True:
            await link.send(self._double.report().model_dump_json())
            if self._reported_s is None:
                self._reported_s = time.monotonic()
            due_s = max(due_s + REPORT_PERIOD_S, time.monotonic())
            await asyncio.sleep(due_s - time.monotonic())
            self._double.drive(SPEED_MPS * REPORT_PERIOD_S)

    def _hear(self, text: str | bytes) -> None:
        try:
            message = FROM_SERVER.validate_json(text)
            self._double.hear(message)
        except (ValidationError, BadOrderError) as error:
            self._note(str(error))
            return
        if isinstance(message, Refusal):
            self._note(f"the server refused it: {message.reason}")
        elif isinstance(message, Release):
            self._measure(time.monotonic())

    def _measure(self, now_s: float) -> None:
        if self._reported_s is not None:
            self.answer_ms.append(1e3 * (now_s - self._reported_s))
            self._reported_s = None
        if self._released_s is not None:
            silence_s = now_s - self._released_s
            self.longest_silence_s = max(self.longest_silence_s, silence_s)
            self.silences += silence_s > LINK_TIMEOUT_S
        self._released_s = now_s

    def _note(self, problem: str) -> None:
        self.problems.append(f"{self._double.car_id}: {problem}")
