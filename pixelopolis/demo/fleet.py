"""Simulator, server and cars, started in order, watched, and stopped together."""

from __future__ import annotations

import asyncio
import json
import socket
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx

from pixelopolis.demo.keys import DemoKeys
from pixelopolis.demo.process import ManagedProcess, ProcessDiedError

START_TIMEOUT_S = 60.0
RESTART_DELAY_S = 2.0
MAX_RESTARTS = 10


@dataclass(frozen=True, slots=True)
class FleetOptions:
    """What to start."""

    cars: int
    city: str
    seed: int
    store: str
    work_dir: Path  # for logs
    host: str = "127.0.0.1"
    port: int = 0  # of the server; 0 picks a free one


@dataclass
class Fleet:
    """A running fleet. Use as an asynchronous context manager; leaving it stops every process."""

    options: FleetOptions
    restarts: bool = True  # start a car or server again that has died
    processes: dict[str, ManagedProcess] = field(default_factory=dict)
    restart_counts: dict[str, int] = field(default_factory=dict)
    sim: dict[str, Any] = field(default_factory=dict)  # what the simulator said when it was ready
    car_ports: dict[str, int] = field(default_factory=dict)
    server_url: str = ""
    keys: DemoKeys = field(default_factory=DemoKeys)
    _launches: dict[str, tuple[list[str], dict[str, str]]] = field(default_factory=dict)  # verb and secrets
    _watcher: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    async def _start(self) -> None:
        options = self.options
        sim = await self._launch("sim", self._sim_verb())
        self.sim = json.loads(await sim.read_line(START_TIMEOUT_S))
        port = options.port or free_port()
        self.server_url = f"http://{options.host}:{port}"
        await self._launch("server", self._server_verb(port), self.keys.of_server)
        await self._until("the server answers", self._server_answers)
        async with httpx.AsyncClient(base_url=self.server_url, timeout=10.0) as client:
            await self.keys.enrol_operator(client)
            for car in self.sim["cars"]:
                self.car_ports[car["id"]] = free_port()
                await self._launch(car["id"], self._car_verb(car), await self.keys.of_car(client, car["id"]))
        await self._until("every car is in service", self._cars_ready)
        self._watcher = asyncio.create_task(self._watch())

    def _sim_verb(self) -> list[str]:
        options = self.options
        verb = ["sim", "run", "--city", options.city, "--cars", str(options.cars), "--seed", str(options.seed)]
        for name, count in (("camera", 1), ("board", options.cars), ("control", 1)):
            verb += [f"--{name}-port", str(free_port(count))]
        return verb

    def _server_verb(self, port: int) -> list[str]:
        options = self.options
        return [
            *("server", "--store", options.store, "--host", options.host, "--port", str(port)),
            *("--city", options.city, "--open-on-loopback"),
        ]

    def _car_verb(self, car: dict[str, str]) -> list[str]:
        return [
            *("car", "run", "--id", car["id"], "--server", self.server_url),
            *("--camera", car["camera"], "--board", car["board"]),
            *("--stream-port", str(self.car_ports[car["id"]])),
        ]

    async def _launch(self, name: str, verb: Sequence[str], secrets: Mapping[str, str] | None = None) -> ManagedProcess:
        self._launches[name] = (list(verb), dict(secrets or {}))
        log = self.options.work_dir / f"{name}.log"
        self.processes[name] = await ManagedProcess.start(name, verb, log, secrets)
        return self.processes[name]

    async def restart(self, name: str) -> None:
        """Start a process again that has ended, with the same command."""
        await self.processes[name].stop()
        await self._launch(name, *self._launches[name])

    async def _until(self, what: str, done: Callable[[httpx.AsyncClient], Awaitable[bool]]) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        async with httpx.AsyncClient(base_url=self.server_url, timeout=2.0) as client:
            while not await done(client):
                for process in self.processes.values():
                    process.check()
                if time.monotonic() > deadline_s:
                    raise ProcessDiedError(
                        f"waited {START_TIMEOUT_S:.0f} s in vain until {what}; logs: {self.options.work_dir}"
                    )
                await asyncio.sleep(0.1)

    @staticmethod
    async def _server_answers(client: httpx.AsyncClient) -> bool:
        try:
            return (await client.get("/api/health")).is_success
        except httpx.TransportError:
            return False

    async def _cars_ready(self, client: httpx.AsyncClient) -> bool:
        cars = (await client.get("/api/cars", headers=self.keys.operator)).raise_for_status().json()
        return bool(sum(car["status"] == "online" for car in cars) >= self.options.cars)

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            for name, process in list(self.processes.items()):
                if process.running or not self.restarts:
                    continue
                self.restart_counts[name] = self.restart_counts.get(name, 0) + 1
                if name == "sim" or self.restart_counts[name] > MAX_RESTARTS:
                    process.check()
                await asyncio.sleep(RESTART_DELAY_S)
                await self.restart(name)

    def check(self) -> None:
        """Raise ProcessDiedError if the fleet cannot go on."""
        if self._watcher is not None and self._watcher.done():
            self._watcher.result()

    async def sim_ask(self, **request: Any) -> dict[str, Any]:  # noqa: ANN401  # any JSON
        """Ask the simulator's control port: the truth, which no car and no server ever sees."""
        host, port = self.sim["control"].rsplit(":", 1)
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(json.dumps(request).encode() + b"\n")
            await writer.drain()
            answer: dict[str, Any] = json.loads(await asyncio.wait_for(reader.readline(), 5.0))
            return answer
        finally:
            writer.close()
            await writer.wait_closed()

    async def stop(self) -> None:
        """End every process; cars first, so that they stop their wheels while the rest still listens."""
        if self._watcher is not None:
            self._watcher.cancel()
            await asyncio.gather(self._watcher, return_exceptions=True)
        cars = [process for name, process in self.processes.items() if name not in ("sim", "server")]
        await asyncio.gather(*(process.stop() for process in cars))
        for name in ("server", "sim"):
            if name in self.processes:
                await self.processes[name].stop()


def free_port(count: int = 1) -> int:
    """The first of `count` neighbouring ports that are free on this machine now.

    Raises:
        RuntimeError: if none were found.
    """
    for _ in range(100):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            first = int(probe.getsockname()[1])
        if first + count < 65536 and all(is_free(first + k) for k in range(count)):
            return first
    raise RuntimeError(f"found no {count} neighbouring free ports on 127.0.0.1")


def is_free(port: int) -> bool:
    """Whether nothing listens on a port of this machine's loopback address."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # or a port closed a minute ago counts as taken
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
