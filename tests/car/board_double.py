"""The emulated board behind a TCP port, in real time, in a thread of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from typing import Self

from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.emulator.serve import run_in_real_time, serve_tcp


class BoardDouble:
    """Serves `socket://127.0.0.1:port`."""

    def __init__(self) -> None:
        self.emulator = BoardEmulator(seed=1)
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        self._ready.wait()
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._task.cancel)
        self._thread.join()

    @property
    def url(self) -> str:
        """Its address."""
        return f"socket://127.0.0.1:{self.port}"

    @property
    def fastest_wheel_rad_s(self) -> float:
        """How fast the faster wheel truly turns."""
        return max(abs(self.emulator.left_velocity_rad_s), abs(self.emulator.right_velocity_rad_s))

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._task = self._loop.create_task(self._serve())
        with contextlib.suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._task)
        self._loop.close()

    async def _serve(self) -> None:
        server = await serve_tcp(self.emulator)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        try:
            await run_in_real_time(self.emulator)
        finally:
            server.close()
            for task in asyncio.all_tasks(self._loop) - {asyncio.current_task()}:
                task.cancel()
            await asyncio.sleep(0.05)
