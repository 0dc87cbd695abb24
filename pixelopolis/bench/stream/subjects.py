"""What is measured: a car and the server's relay, or Donkeycar, each as processes of their own."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from pixelopolis.bench.stream.camera import CAR_ID, run_camera
from pixelopolis.demo.fleet import free_port
from pixelopolis.demo.keys import DemoKeys
from pixelopolis.demo.process import ManagedProcess, ProcessDiedError

START_TIMEOUT_S = 120.0
HOST = "127.0.0.1"
REPOSITORY = Path(__file__).resolve().parents[3]


@dataclass(frozen=True, slots=True)
class Subject:
    """A running stream."""

    url: str  # for viewers that keep up
    crawl_url: str  # for those that do not
    process_id: int  # of the process that serves the viewers
    has_timestamps: bool
    headers: Mapping[str, str] = field(default_factory=dict)  # with which viewers ask


@asynccontextmanager
async def our_relay(work_dir: Path) -> AsyncIterator[Subject]:
    """A server, and a car whose camera is made up; its viewers are operators."""
    keys = DemoKeys()
    port = free_port()
    verb = ["server", "--store", "sqlite::memory:", "--host", HOST, "--port", str(port)]
    server = await ManagedProcess.start("server", verb, work_dir / "server.log", keys.of_server)
    stream_path = f"/api/cars/{CAR_ID}/stream.mjpg?overlay=off"
    url = f"http://{HOST}:{port}"
    try:
        await _answers(f"{url}/api/health", server)
        async with httpx.AsyncClient(base_url=url, trust_env=False) as http:
            await keys.enrol_operator(http)
            car_key = await keys.car_key(http, CAR_ID)
        with _camera(url, car_key):
            await _answers(f"{url}/api/cars/{CAR_ID}/snapshot.jpg", server, keys.operator)
            full, auto = f"{url}{stream_path}&size=full", f"{url}{stream_path}"
            yield Subject(full, auto, server.pid, has_timestamps=True, headers=keys.operator)
    finally:
        await server.stop()


@contextmanager
def _camera(server_url: str, key: str) -> Iterator[None]:
    camera = multiprocessing.get_context("spawn").Process(target=run_camera, args=(server_url, key), daemon=True)
    camera.start()
    try:
        yield
    finally:
        camera.kill()


@asynccontextmanager
async def donkeycar(python: Path, work_dir: Path) -> AsyncIterator[Subject]:
    """Donkeycar's web controller in a Python that has it."""
    port = free_port()
    with (work_dir / "donkeycar.log").open("wb") as log:
        process = await asyncio.create_subprocess_exec(
            str(python),
            str(Path(__file__).with_name("donkeycar_server.py")),
            str(port),
            env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # as ours has, so that the system's scheduler treats both alike
        )
    server = ManagedProcess("donkeycar", process, work_dir / "donkeycar.log")
    url = f"http://{HOST}:{port}"
    try:
        await _answers(f"{url}/drive", server)
        yield Subject(f"{url}/video", f"{url}/video", server.pid, has_timestamps=False)
    finally:
        process.kill()
        await process.wait()


async def _answers(url: str, server: ManagedProcess, headers: Mapping[str, str] | None = None) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    async with httpx.AsyncClient(headers=headers, timeout=5.0, trust_env=False) as client:
        while True:
            server.check()
            try:
                if (await client.get(url)).is_success:
                    return
            except httpx.HTTPError:
                pass
            if time.monotonic() > deadline_s:
                raise ProcessDiedError(f"{server.name} did not answer at {url}: {server.last_words()}")
            await asyncio.sleep(0.2)
