"""JPEG pictures for whoever watches: encoded once for all, the newest wins, and none while nobody looks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import cv2

from car.overlay import draw_overlay
from car.snapshot import Snapshot
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

MIN_PERIOD_S = 1 / 15


@dataclass(frozen=True, slots=True)
class Jpeg:
    """An encoded picture."""

    sequence: int
    data: bytes


class StreamHub:
    """Between the control loop, which publishes snapshots, and viewers in an event loop.

    `publish` is for the control loop and never waits for encoding or for a viewer. `watch` and what it gives are for
    the event loop that called `attach`.
    """

    def __init__(self, quality: int = 70, camera: CameraGeometry = DEFAULT_CAMERA) -> None:
        self._quality = quality
        self._camera = camera
        self._wake = threading.Condition()
        self._snapshot: Snapshot | None = None
        self._encoded: Snapshot | None = None
        self._watchers = {True: 0, False: 0}  # by whether they want the overlay
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._newest: dict[bool, Jpeg | None] = {True: None, False: None}
        self._fresh = {True: asyncio.Event(), False: asyncio.Event()}
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self.encoded_count = 0

    @property
    def watchers(self) -> int:
        """How many viewers there are."""
        return sum(self._watchers.values())

    def publish(self, snapshot: Snapshot) -> None:
        """Offer a newer picture."""
        self._snapshot = snapshot
        if self.watchers:
            with self._wake:
                self._wake.notify()

    def attach(self) -> None:
        """Serve viewers of the running event loop from now on."""
        self._loop = asyncio.get_running_loop()
        self._thread.start()

    def close(self) -> None:
        """End the encoder and, from the event loop's thread, every viewer."""
        with self._wake:
            self._stopping = True
            self._wake.notify()
        for event in self._fresh.values():
            event.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    @asynccontextmanager
    async def watch(self, overlay: bool) -> AsyncIterator[Viewer]:
        """A viewer, counted as long as the context lasts."""
        self._count(overlay, 1)
        try:
            yield Viewer(self, overlay)
        finally:
            self._count(overlay, -1)

    async def newer(self, overlay: bool, sequence: int) -> Jpeg | None:
        """The newest picture once it is newer than `sequence`; None when the hub has closed."""
        while not self._stopping:
            newest = self._newest[overlay]
            if newest is not None and newest.sequence > sequence:
                return newest
            await self._fresh[overlay].wait()
        return None

    @property
    def frame_sequence(self) -> int:
        """Sequence of the newest frame that was published."""
        return -1 if self._snapshot is None else self._snapshot.frame.sequence

    def _count(self, overlay: bool, change: int) -> None:
        with self._wake:
            self._watchers[overlay] += change
            self._encoded = None  # a new viewer gets a picture even if no newer frame comes
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(self._something_to_do)
                if self._stopping:
                    return
                snapshot, wanted = self._snapshot, [kind for kind, count in self._watchers.items() if count]
                self._encoded = snapshot
            started_s = time.monotonic()
            if snapshot is not None:
                for overlay in wanted:
                    self._announce(overlay, self._encode(snapshot, overlay))
            time.sleep(max(0.0, MIN_PERIOD_S - (time.monotonic() - started_s)))

    def _something_to_do(self) -> bool:
        return self._stopping or (
            self.watchers > 0 and self._snapshot is not None and self._snapshot is not self._encoded
        )

    def _encode(self, snapshot: Snapshot, overlay: bool) -> Jpeg:
        picture = draw_overlay(snapshot, self._camera) if overlay else snapshot.frame.picture
        _, data = cv2.imencode(".jpg", picture, (cv2.IMWRITE_JPEG_QUALITY, self._quality))
        self.encoded_count += 1
        return Jpeg(snapshot.frame.sequence, data.tobytes())

    def _announce(self, overlay: bool, jpeg: Jpeg) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._hand_out, overlay, jpeg)

    def _hand_out(self, overlay: bool, jpeg: Jpeg) -> None:
        self._newest[overlay] = jpeg
        event, self._fresh[overlay] = self._fresh[overlay], asyncio.Event()
        event.set()


class Viewer:
    """One who watches: gets each picture at most once, and never an old one."""

    def __init__(self, hub: StreamHub, overlay: bool) -> None:
        self._hub = hub
        self._overlay = overlay
        # What was encoded for an earlier viewer may be of long ago.
        self._sequence = hub.frame_sequence - 1

    async def next(self) -> Jpeg | None:
        """The next picture; None when the stream has ended."""
        jpeg = await self._hub.newer(self._overlay, self._sequence)
        if jpeg is not None:
            self._sequence = jpeg.sequence
        return jpeg
