"""Cameras over TCP. The client pulls each picture, so that no old one can queue anywhere.

`HELLO car-1` is answered by one line of JSON; each `NEXT` after it by a header and the raw BGR bytes of a picture that
was taken after the request came.
"""

from __future__ import annotations

import asyncio
import json
import struct
from collections.abc import Callable
from pathlib import Path

from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry
from sim.endpoints.camera_feed import CameraFeeds, Shot
from sim.endpoints.tcp_endpoint import read_line

# magic, sequence, capture time on the sender's CLOCK_MONOTONIC in s, age at sending in µs, payload bytes
HEADER = struct.Struct("<4sQdII")
MAGIC = b"PXF1"
HELLO_TIMEOUT_S = 5.0
BOOT_ID_FILE = Path("/proc/sys/kernel/random/boot_id")


class CameraServer:
    """Talks to camera clients; the handler of a `TcpEndpoint`."""

    def __init__(self, feeds: CameraFeeds, now_s: Callable[[], float], camera: CameraGeometry = DEFAULT_CAMERA) -> None:
        """`now_s` must be the clock that stamps the pictures."""
        self._feeds = feeds
        self._now_s = now_s
        self._camera = camera
        self._boot_id = BOOT_ID_FILE.read_text(encoding="ascii").strip() if BOOT_ID_FILE.exists() else ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one client until it goes."""
        car_id = await self._greet(reader, writer)
        if car_id is None:
            return
        line = asyncio.create_task(read_line(reader))
        try:
            while await line:
                if line.result().strip() != b"NEXT":
                    writer.write(_json_line({"ok": False, "error": f"expected NEXT, not {line.result()[:40]!r}"}))
                    return
                # Reading on while the picture is awaited shows at once when the client goes.
                line = asyncio.create_task(read_line(reader))
                shot = await self._shot_unless_gone(car_id, line)
                if shot is None:
                    return
                self._send(writer, shot)
                await writer.drain()
        finally:
            line.cancel()

    async def _shot_unless_gone(self, car_id: str, next_line: asyncio.Task[bytes]) -> Shot | None:
        shot = self._feeds.ask(car_id)
        try:
            either: tuple[asyncio.Future[Shot] | asyncio.Task[bytes], ...] = (shot, next_line)
            await asyncio.wait(either, return_when=asyncio.FIRST_COMPLETED)
            gone = next_line.done() and not next_line.result()
            return None if gone else await shot
        finally:
            shot.cancel()

    async def _greet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> str | None:
        async with asyncio.timeout(HELLO_TIMEOUT_S):
            words = (await read_line(reader)).decode("utf-8", "replace").split()
        if len(words) != 2 or words[0] != "HELLO":
            writer.write(_json_line({"ok": False, "error": "say HELLO and a car's name first"}))
            return None
        if words[1] not in self._feeds.car_ids:
            known = ", ".join(self._feeds.car_ids)
            writer.write(_json_line({"ok": False, "error": f"there is no camera {words[1][:40]!r}; there are {known}"}))
            return None
        greeting = {
            "ok": True,
            "width": self._camera.width_px,
            "height": self._camera.height_px,
            "fps": self._feeds.fps,
            "boot_id": self._boot_id,
        }
        writer.write(_json_line(greeting))
        return words[1]

    def _send(self, writer: asyncio.StreamWriter, shot: Shot) -> None:
        age_us = min(2**32 - 1, max(0, round((self._now_s() - shot.captured_s) * 1e6)))
        writer.write(HEADER.pack(MAGIC, shot.sequence, shot.captured_s, age_us, len(shot.pixels)))
        writer.write(shot.pixels)


def _json_line(content: dict[str, object]) -> bytes:
    return json.dumps(content).encode() + b"\n"
