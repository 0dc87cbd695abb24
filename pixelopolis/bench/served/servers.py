"""The servers that are measured, as processes of their own."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pixelopolis.bench.processor import busy_s
from pixelopolis.bench.served.http_line import HttpLine, Stopwatch
from pixelopolis.demo.fleet import free_port
from pixelopolis.demo.process import ManagedProcess, ProcessDiedError

START_TIMEOUT_S = 120.0
HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Server:
    """One of them."""

    url: str
    process: ManagedProcess

    @property
    def link_url(self) -> str:
        """Where cars connect."""
        return f"{self.url.replace('http', 'ws', 1)}/api/cars/link"

    @property
    def busy_s(self) -> float:
        """Seconds of all cores that it has used so far."""
        return busy_s(self.process.pid)


@asynccontextmanager
async def running_servers(store_url: str, work_dir: Path, city: str, count: int = 1) -> AsyncIterator[list[Server]]:
    """So many on one store; more than one need a store that they can share.

    Raises:
        ProcessDiedError: if one does not start.
    """
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(_server(store_url, work_dir, city, k, count)) for k in range(count)]


@asynccontextmanager
async def _server(store_url: str, work_dir: Path, city: str, k: int, count: int) -> AsyncIterator[Server]:
    port = free_port()
    url = f"http://{HOST}:{port}"
    verb = ["server", "--host", HOST, "--port", str(port), "--city", city]
    if count > 1:
        verb += ["--cluster-url", url]
    secrets = {"PIXELOPOLIS_STORE": store_url}  # it may have a password in it
    process = await ManagedProcess.start(f"server {k + 1}", verb, work_dir / f"server-{k + 1}.log", secrets)
    try:
        await _answers(url, process)
        yield Server(url, process)
    finally:
        await process.stop()


async def _answers(url: str, process: ManagedProcess) -> None:
    deadline_s = time.monotonic() + START_TIMEOUT_S
    while True:
        process.check()
        try:
            async with HttpLine(url, {}, Stopwatch()) as line:
                if (await line.ask("GET", "/api/health")).status == 200:
                    return
        except (OSError, EOFError):
            pass
        if time.monotonic() > deadline_s:
            raise ProcessDiedError(f"{process.name} did not answer at {url}: {process.last_words()}")
        await asyncio.sleep(0.2)
