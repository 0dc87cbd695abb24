"""`pixelopolis car run` as a child that ends with its parent and writes where it writes."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Sequence

from pixelopolis.claimed_car.claim import ClaimedCar
from pixelopolis.demo.process import die_with_parent

STOP_TIMEOUT_S = 5.0


class ChildCar:
    """A running `car run`."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        """Use `start` instead."""
        self._process = process

    @classmethod
    async def start(cls, car: ClaimedCar, options: Sequence[str]) -> ChildCar:
        """Run a car; `options` are further ones of `car run`."""
        words = ("--id", car.car_id, "--camera", car.camera_url, "--board", car.board_url, *options)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "pixelopolis", "car", "run", *words),
            preexec_fn=die_with_parent if sys.platform == "linux" else None,
        )
        return cls(process)

    async def wait(self) -> int:
        """Its exit status, once it has ended."""
        return await self._process.wait()

    async def stop(self) -> None:
        """Ask it to end, then make it."""
        if self._process.returncode is not None:
            return
        self._process.send_signal(signal.SIGTERM)
        try:
            await asyncio.wait_for(self._process.wait(), STOP_TIMEOUT_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
