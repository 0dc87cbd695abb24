"""The world's end of the cameras' process: starts it, tells it where the cars are, hears what it has done."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Sequence

from city.geometry import Pose
from sim.endpoints.camera_link import CameraJob, CameraReport, CamerasReady, Snapshot

MAX_UNSENT_BYTES = 64 * 1024  # when the cameras are this far behind, snapshots are left out
END_TIMEOUT_S = 0.5


class CameraWorkerError(RuntimeError):
    """The cameras' process cannot do its work, or has ended."""


class CameraWorker:
    """Runs `sim.endpoints.camera_process`.

    Attributes:
        port: where the cameras are served.
        frozen: cars whose camera hangs; may be changed at any time.
        lifted: cars that are off the road, where no other camera sees them; may be changed at any time.
        report: what was taken so far.
    """

    def __init__(self) -> None:
        self.port = 0
        self.frozen: set[str] = set()
        self.lifted: frozenset[str] = frozenset()
        self.report = CameraReport()
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None

    async def start(self, job: CameraJob, poses: Sequence[Pose], now_s: float) -> None:
        """Start the process and wait until it serves.

        Raises:
            CameraWorkerError: if it cannot; says why.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                __name__.replace("camera_worker", "camera_process"),
                stdin=theirs.fileno(),
                stdout=2,
            )
        reader, self._writer = await asyncio.open_connection(sock=ours)
        self._writer.write(job.line())
        self.send(poses, now_s)
        line = await reader.readline()
        ready = CamerasReady.model_validate_json(line) if line else CamerasReady(error="it ended while starting")
        if ready.error:
            raise CameraWorkerError(f"the cameras' process: {ready.error}")
        self.port = ready.port
        self._listening = asyncio.create_task(self._listen(reader))

    def send(self, poses: Sequence[Pose], now_s: float) -> None:
        """Tell where the cars are now.

        Raises:
            CameraWorkerError: if the process has ended.
        """
        if self._writer is None or (self._listening is not None and self._listening.done()):
            raise CameraWorkerError("the cameras' process has ended")
        if self._writer.transport.get_write_buffer_size() > MAX_UNSENT_BYTES:
            return
        places = tuple((pose.x_m, pose.y_m, pose.heading_rad) for pose in poses)
        frozen, lifted = tuple(sorted(self.frozen)), tuple(sorted(self.lifted))
        self._writer.write(Snapshot(time_s=now_s, poses=places, frozen=frozen, lifted=lifted).line())

    async def close(self) -> None:
        """End the process."""
        if self._listening is not None:
            self._listening.cancel()
        if self._writer is not None:
            self._writer.close()
        if self._process is None:
            return
        try:
            await asyncio.wait_for(self._process.wait(), END_TIMEOUT_S)
        except TimeoutError:
            self._process.kill()
            await self._process.wait()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with contextlib.suppress(ConnectionError):
            while line := await reader.readline():
                self.report = CameraReport.model_validate_json(line)
