"""A server on the simulation's clock, and lines to it."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator

import pytest

from city.files import load_city
from fleet.clock import ManualClock
from fleet.messages import DriveMode, Hello, Position, Report
from pixelopolis.evaluation.fleet.line import Line
from pixelopolis.evaluation.fleet.server_host import ServerHost
from server.store.open import open_store

TICK_S = 0.02


class Net:
    """One server and the lines that end there."""

    def __init__(self, clock: ManualClock, server: ServerHost) -> None:
        self.clock = clock
        self.server = server
        self.lines: list[Line] = []

    def line(self, car_id: str = "car-1", device: str = "device-1") -> Line:
        line = Line(Hello(car_id=car_id, device_id=device), self.server, self.clock, random.Random(1))
        self.lines.append(line)
        return line

    async def run(self, seconds: float, report: bool = True) -> None:
        for k in range(round(seconds / TICK_S)):
            self.clock.advance(TICK_S)
            for line in self.lines:
                if report:
                    line.publish(told(k))
                await line.step()
            await self.server.step()


def told(sequence: int, mode: DriveMode = DriveMode.IDLE) -> Report:
    return Report(
        sequence=sequence,
        mode=mode,
        position=Position(edge=1, s_m=0.5),
        speed_mps=0.0,
        battery_percent=80,
        battery_v=11.8,
    )


@pytest.fixture
async def net() -> AsyncIterator[Net]:
    clock = ManualClock()
    store = await open_store("sqlite::memory:")
    server = ServerHost(load_city("pixelopolis"), store, clock, seed=1)
    await server.start()
    yield Net(clock, server)
    await store.close()
