"""The process that renders all cameras and serves them: `python -m sim.endpoints.camera_process`.

Rendering keeps a processor busy for many milliseconds at a time; in a process of its own it delays neither the
physics nor the answers of the boards. It is started by `CameraWorker`, talks to it on its standard input, a socket,
and ends when that closes.
"""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import sys
import time

import numpy as np
from numpy.typing import NDArray

from city.files import load_city
from city.geometry import Pose
from sim.cameras import Cameras
from sim.endpoints.camera_feed import CAMERA_FPS, CameraFeeds
from sim.endpoints.camera_link import CameraJob, CameraReport, CamerasReady, Snapshot
from sim.endpoints.camera_server import CameraServer
from sim.endpoints.tcp_endpoint import TcpEndpoint
from sim.world import STEP_S


class CameraProcess:
    """Renders the newest snapshot for those who ask."""

    def __init__(self, job: CameraJob, snapshot: Snapshot) -> None:
        self._job = job
        self._cameras = Cameras(load_city(job.city), job.car_ids, job.seed)
        self._feeds = CameraFeeds(job.car_ids, self._take, time.monotonic)
        self._frames_at_once = max(1, math.ceil(len(job.car_ids) * CAMERA_FPS * STEP_S))
        self._endpoint = TcpEndpoint(CameraServer(self._feeds, time.monotonic).serve)
        self._snapshot = snapshot

    async def open(self) -> int:
        """Render once, so that nobody has to wait for the scene later, and listen; the port.

        Raises:
            RenderError: if this machine cannot render.
            OSError: if the port cannot be had.
        """
        self._take(self._job.car_ids[0])
        await self._endpoint.open(self._job.host, self._job.port)
        return self._endpoint.port

    def show(self, snapshot: Snapshot) -> CameraReport | None:
        """Take what is due of this snapshot; a report if something was taken."""
        self._snapshot = snapshot
        for car_id in self._job.car_ids:
            self._feeds.feed(car_id).frozen = car_id in snapshot.frozen
        if not self._feeds.take_due(self._frames_at_once):
            return None
        frames = {car_id: self._feeds.feed(car_id).taken for car_id in self._job.car_ids}
        return CameraReport(frames=frames, busy_s=self._feeds.busy_s)

    async def close(self) -> None:
        """Let go of all clients."""
        await self._endpoint.close()

    def _take(self, car_id: str) -> tuple[NDArray[np.uint8], float]:
        poses = dict(zip(self._job.car_ids, (Pose(*pose) for pose in self._snapshot.poses), strict=True))
        hidden = frozenset(self._snapshot.lifted) - {car_id}
        picture = self._cameras.take(car_id, {name: pose for name, pose in poses.items() if name not in hidden})
        return picture, self._snapshot.time_s


async def serve(link: socket.socket) -> None:
    """Serve cameras until the other end of `link` closes."""
    reader, writer = await asyncio.open_connection(sock=link)
    job = CameraJob.model_validate_json(await reader.readline())
    snapshot = Snapshot.model_validate_json(await reader.readline())
    process = CameraProcess(job, snapshot)
    try:
        try:
            writer.write(CamerasReady(port=await process.open()).line())
        except (RuntimeError, OSError) as error:
            writer.write(CamerasReady(error=str(error)).line())
            await writer.drain()
            return
        await _show_snapshots(process, reader, writer)
    finally:
        await process.close()
        writer.close()


async def _show_snapshots(process: CameraProcess, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    unread = b""
    while data := await reader.read(1 << 20):
        *lines, unread = (unread + data).split(b"\n")
        if not lines:
            continue
        report = process.show(Snapshot.model_validate_json(lines[-1]))  # older ones have been overtaken
        if report is not None:
            writer.write(report.line())


def main() -> None:
    """Entry of the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all processes; the world's tells this one when to end
    try:
        asyncio.run(serve(socket.socket(fileno=os.dup(sys.stdin.fileno()))))
    except ConnectionError:
        return  # the world's process is gone, and with it the reason for this one


if __name__ == "__main__":
    main()
