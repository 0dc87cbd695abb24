"""The emulated board behind a TCP port, in real time, in a thread of its own."""

from __future__ import annotations

import asyncio
import threading
from typing import Self

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.serve import run_in_real_time, serve_tcp


class BoardDouble:
    """Serves `socket://127.0.0.1:port`."""

    def __init__(self) -> None:
        self.emulator = BoardEmulator(seed=1)
        self.port = 0
        self._ready = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._serve()), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address."""
        return f"socket://127.0.0.1:{self.port}"

    @property
    def fastest_wheel_rad_s(self) -> float:
        """How fast the faster wheel truly turns."""
        return max(abs(self.emulator.left_velocity_rad_s), abs(self.emulator.right_velocity_rad_s))

    async def _serve(self) -> None:
        self._loop, self._stop = asyncio.get_running_loop(), asyncio.Event()
        server = await serve_tcp(self.emulator)
        self.port = server.sockets[0].getsockname()[1]
        passing = asyncio.create_task(run_in_real_time(self.emulator))
        self._ready.set()
        await self._stop.wait()
        server.close()
        passing.cancel()
        talking = asyncio.all_tasks() - {asyncio.current_task()}
        for task in talking:
            task.cancel()
        await asyncio.gather(*talking, return_exceptions=True)
