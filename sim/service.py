"""The simulator as a process: real time, cameras and boards behind ports, until a signal ends it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from city.files import load_city
from city.geometry import Pose
from fleet.clock import WallClock
from sim.claims import ClaimBook
from sim.endpoints.board_ports import BoardPorts
from sim.endpoints.camera_link import CameraJob
from sim.endpoints.camera_worker import CameraWorker
from sim.endpoints.claim_desk import ClaimDesk
from sim.endpoints.control import ControlDesk
from sim.endpoints.tcp_endpoint import TcpEndpoint
from sim.lockstep import Simulation
from sim.pace import Pace
from sim.placing import Placing
from sim.world import STEP_S


@dataclass(frozen=True, slots=True)
class Ports:
    """Where to listen. Port 0 takes a free one; boards take `board` and the ports after it.

    Attributes:
        control_host: address of the control port; None for `host`.
        claim: port at which drivers claim cars, which are off the road until then; None: all cars are on the road.
    """

    host: str = "127.0.0.1"
    camera: int = 0
    board: int = 0
    control: int = 0
    pty_dir: Path | None = None
    control_host: str | None = None
    claim: int | None = None


class SimulatorService:
    """Runs a simulation in real time and serves what cars and evaluators connect to."""

    def __init__(self, city: str, cars: int, seed: int, ports: Ports | None = None) -> None:
        """Set up the world of `cars` cars in a city, given by its name or file.

        Raises:
            CityError: if there is no such city, or it is wrong.
            SpawnError: if the city has no room for so many cars.
        """
        self._city = city
        self._seed = seed
        self._ports = ports or Ports()
        self._clock = WallClock()  # cameras and cars on this machine go by the same one
        self._simulation = Simulation(load_city(city), cars, seed)
        self._pace = Pace(self._clock.now_s(), STEP_S)
        self._cameras = CameraWorker()
        desk = ControlDesk(self._simulation, self._cameras, lambda: self._pace.lag_s)
        self._control = TcpEndpoint(desk.serve)
        self._boards = BoardPorts(self._simulation.boards)
        self._claims: ClaimDesk | None = None
        self._claim_port: TcpEndpoint | None = None
        if self._ports.claim is not None:
            placing = Placing(self._simulation.world.city, self._simulation.world)
            self._claims = ClaimDesk(ClaimBook(self._simulation.car_ids), placing, self._clock)
            self._claim_port = TcpEndpoint(self._claims.serve)

    async def open(self) -> dict[str, object]:
        """Start the cameras, listen everywhere, and say where: the content of the ready line.

        Raises:
            OSError: if a port cannot be had.
            CameraWorkerError: if this machine cannot render, or the cameras' port cannot be had.
        """
        host, car_ids = self._ports.host, self._simulation.car_ids
        await self._boards.open(host, self._ports.board, self._ports.pty_dir)
        control_host = self._ports.control_host or host
        await self._control.open(control_host, self._ports.control)
        job = CameraJob(city=self._city, car_ids=car_ids, seed=self._seed, host=host, port=self._ports.camera)
        await self._cameras.start(job, self._poses(), self._clock.now_s())
        ready = {
            "ready": True,
            "cars": [self._addresses(car_id) for car_id in car_ids],
            "control": f"{control_host}:{self._control.port}",
        }
        return ready | await self._open_claims()

    async def _open_claims(self) -> dict[str, object]:
        if self._claims is None or self._claim_port is None:
            return {}
        boards = self._boards.ports
        self._claims.tell_ports({car_id: (self._cameras.port, boards[car_id]) for car_id in self._simulation.car_ids})
        await self._claim_port.open(self._ports.host, self._ports.claim or 0)
        return {"claims": f"{self._ports.host}:{self._claim_port.port}"}

    def _addresses(self, car_id: str) -> dict[str, str]:
        addresses = {
            "id": car_id,
            "camera": f"tcp://{self._ports.host}:{self._cameras.port}/{car_id}",
            "board": self._boards.urls[car_id],
        }
        if car_id in self._boards.pty_paths:
            addresses["pty"] = str(self._boards.pty_paths[car_id])
        return addresses

    async def run(self) -> None:
        """Let time pass until cancelled.

        Raises:
            CameraWorkerError: if the cameras' process ends.
        """
        self._pace = Pace(self._clock.now_s(), STEP_S)
        while True:
            now_s = self._clock.now_s()
            for _ in range(self._pace.steps_due(now_s)):
                self._simulation.step()
            self._mind_claims()
            self._cameras.send(self._poses(), now_s)
            await self._clock.sleep(self._pace.wait_s(self._clock.now_s()))

    def _mind_claims(self) -> None:
        if self._claims is not None:
            self._claims.lift_abandoned()
            self._cameras.lifted = frozenset(self._simulation.car_ids) - self._claims.on_road

    def _poses(self) -> list[Pose]:
        return [self._simulation.world.pose(car_id) for car_id in self._simulation.car_ids]

    async def close(self) -> None:
        """Close all ports and connections, and end the cameras."""
        self._boards.close()
        await self._control.close()
        if self._claim_port is not None:
            await self._claim_port.close()
        await self._cameras.close()


async def serve_until_signal(service: SimulatorService, announce: Callable[[str], None]) -> None:
    """Run a service until SIGINT or SIGTERM; `announce` gets the ready line, JSON.

    Raises:
        OSError: if a port cannot be had.
        CameraWorkerError: if the cameras cannot work, or end.
    """
    running = asyncio.create_task(_serve(service, announce))
    for number in (signal.SIGINT, signal.SIGTERM):  # before it is announced: who reads that may send one at once
        asyncio.get_running_loop().add_signal_handler(number, running.cancel)
    try:
        with contextlib.suppress(asyncio.CancelledError):
            await running
    finally:
        await service.close()


async def _serve(service: SimulatorService, announce: Callable[[str], None]) -> None:
    announce(json.dumps(await service.open()))
    await service.run()
