"""Boards over TCP and pseudo-terminals, driven by the car's own board client."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import TypeVar

import pytest

from city.files import load_city
from city.geometry import Pose
from firmware_bridge.board import Board
from firmware_bridge.errors import BoardError
from sim.endpoints.board_ports import BoardPorts
from sim.lockstep import Simulation
from sim.pace import Pace

Result = TypeVar("Result")


def patiently(attempt: Callable[[], Result]) -> Result:
    """Try again while a loaded machine answers too late."""
    for _ in range(20):
        with contextlib.suppress(BoardError):
            return attempt()
    return attempt()


@pytest.fixture
async def simulation() -> AsyncIterator[Simulation]:
    """A simulation of two cars in real time."""
    starts = {"car-1": Pose(1, 0, 0), "car-2": Pose(3, 0, 0)}
    simulation = Simulation(load_city("straight"), 2, 3, starts=starts)
    loop = asyncio.get_running_loop()

    async def run() -> None:
        pace = Pace(loop.time())
        while True:
            for _ in range(pace.steps_due(loop.time())):
                simulation.step()
            await asyncio.sleep(pace.wait_s(loop.time()))

    running = asyncio.create_task(run())
    yield simulation
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


def drive_until_moved(url: str, simulation: Simulation, car: str) -> None:
    start_m = simulation.world.pose(car).x_m
    board = patiently(lambda: Board.open(url, heartbeat_timeout_s=2.0, bus_watchdog_s=2.0))
    try:
        for _ in range(2000):
            with contextlib.suppress(BoardError):
                board.exchange(4.0, 4.0)
            if simulation.world.pose(car).x_m > start_m + 0.02:
                return
        raise AssertionError(f"{car} did not move")
    finally:
        board.close()


async def test_the_cars_client_drives_over_tcp(simulation: Simulation) -> None:
    ports = BoardPorts(simulation.boards)
    await ports.open("127.0.0.1", 0)
    try:
        assert set(ports.urls) == {"car-1", "car-2"}
        await asyncio.to_thread(drive_until_moved, ports.urls["car-2"], simulation, "car-2")
        assert simulation.world.pose("car-1") == Pose(1, 0, 0)
    finally:
        ports.close()


async def test_the_cars_client_drives_over_a_pseudo_terminal(simulation: Simulation, tmp_path: Path) -> None:
    stale = tmp_path / "car-1"
    stale.symlink_to("/dev/pts/gone")
    ports = BoardPorts(simulation.boards)
    await ports.open("127.0.0.1", 0, tmp_path)
    try:
        await asyncio.to_thread(drive_until_moved, str(ports.pty_paths["car-1"]), simulation, "car-1")
    finally:
        ports.close()
    assert not stale.is_symlink()


async def test_a_taken_port_is_named(simulation: Simulation) -> None:
    first, second = BoardPorts(simulation.boards), BoardPorts(simulation.boards)
    await first.open("127.0.0.1", 0)
    taken = int(first.urls["car-1"].rsplit(":", 1)[1])
    try:
        with pytest.raises(OSError, match=f"127.0.0.1:{taken} for car-1's board"):
            await second.open("127.0.0.1", taken)
    finally:
        second.close()
        first.close()
