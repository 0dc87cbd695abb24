"""A station that is never empty: one visit after the other, each followed by its events, over real HTTP."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any

from fleet.views import FINAL_STATES, RideState
from pixelopolis.bench.served.http_line import HttpLine, Stopwatch
from pixelopolis.demo.keys import bearer

START_S = 10.0  # within which the first visitors come
PAUSE_S = (1.0, 4.0)  # between two visits
THINKING_S = (0.5, 3.0)  # before a visitor does anything
GIVES_UP = {RideState.WAITING: 0.05, RideState.CHOOSING: 0.05, RideState.RIDING: 0.1}  # share of those who come so far
_RIDE = "/api/rides/{ride_id}"


class BusyStation:
    """Runs until cancelled. `ended` counts visits that came to their end, `arrived` those that came somewhere."""

    def __init__(self, url: str, key: str, name: str, places: Sequence[str], watch: Stopwatch, seed: int) -> None:
        self.ended = 0
        self.arrived = 0
        self._url = url
        self._headers = bearer(key)
        self._name = name
        self._places = places
        self._watch = watch
        self._rng = random.Random(f"{name}/{seed}")

    async def run(self) -> None:
        """Serve visitors."""
        await asyncio.sleep(self._rng.uniform(0.0, START_S))
        async with HttpLine(self._url, self._headers, self._watch) as line:
            body = {"device_id": self._name, "name": self._name}
            station_id = (await line.ask("POST", "/api/stations", body)).json["station_id"]
            for number in range(1_000_000):
                wish = {"station_id": station_id, "request_id": f"visit-{number}"}
                answer = await line.ask("POST", "/api/rides", wish)
                if answer.status == 200:
                    await self._follow(line, answer.json["ride_id"])
                await self._wait(PAUSE_S)

    async def _follow(self, line: HttpLine, ride_id: str) -> None:
        """Go through a visit as its events tell."""
        state: RideState | None = None
        async with HttpLine(self._url, self._headers, self._watch) as stream:
            async for view in stream.events(f"/api/rides/{ride_id}/events", route=f"{_RIDE}/events"):
                if view["state"] != state:
                    state = RideState(view["state"])
                    await self._act(line, ride_id, state, view)
        self.ended += state in FINAL_STATES

    async def _act(self, line: HttpLine, ride_id: str, state: RideState, view: dict[str, Any]) -> None:
        gives_up = self._rng.random() < GIVES_UP.get(state, 0.0)
        if gives_up:
            await self._ask(line, ride_id, "cancel")
        elif state is RideState.CHOOSING:
            place_id = self._rng.choice([place for place in self._places if place not in view["closed_places"]])
            await self._ask(line, ride_id, "destination", {"place_id": place_id})
        elif state is RideState.ARRIVED:
            self.arrived += 1
            await self._ask(line, ride_id, "end")

    async def _ask(self, line: HttpLine, ride_id: str, verb: str, body: dict[str, object] | None = None) -> None:
        await self._wait(THINKING_S)
        await line.ask("POST", f"/api/rides/{ride_id}/{verb}", body, route=f"{_RIDE}/{verb}")

    async def _wait(self, between_s: tuple[float, float]) -> None:
        await asyncio.sleep(self._rng.uniform(*between_s))
