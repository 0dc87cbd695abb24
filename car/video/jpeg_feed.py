"""One kind of JPEG for whoever watches it: encoded once for all, the newest wins, and none while nobody looks."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass

import cv2

from car.camera.frame import Picture
from car.snapshot import Snapshot
from fleet.video.multipart import TIMESTAMP_HEADER, picture_part, timestamp_text


@dataclass(frozen=True, slots=True)
class Jpeg:
    """An encoded picture, the step that it shows, and when it was taken by the calendar."""

    snapshot: Snapshot
    data: bytes
    taken_unix_s: float
    part: bytes  # of a multipart stream, the same for all who watch

    @property
    def sequence(self) -> int:
        """Of the camera's frame."""
        return self.snapshot.frame.sequence


class JpegFeed:
    """Between the control loop, which publishes snapshots, and viewers in an event loop.

    `publish` is for the control loop and never waits for encoding or for a viewer. `watch` and what it gives are for
    the event loop that called `attach`.
    """

    def __init__(self, draw: Callable[[Snapshot], Picture], quality: int) -> None:
        self._draw = draw
        self._quality = quality
        self._wake = threading.Condition()
        self._snapshot: Snapshot | None = None
        self._encoded: Snapshot | None = None
        self._stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._newest: Jpeg | None = None
        self._fresh = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)
        self.watchers = 0
        self.encoded_count = 0

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
        self._fresh.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1.0)

    @asynccontextmanager
    async def watch(self) -> AsyncIterator[Viewer]:
        """A viewer, counted as long as the context lasts."""
        self._count(1)
        try:
            yield Viewer(self)
        finally:
            self._count(-1)

    async def newer(self, sequence: int) -> Jpeg | None:
        """The newest picture once it is newer than `sequence`; None when the feed has closed."""
        while not self._stopping:
            newest = self._newest
            if newest is not None and newest.sequence > sequence:
                return newest
            await self._fresh.wait()
        return None

    @property
    def frame_sequence(self) -> int:
        """Sequence of the newest frame that was published."""
        return -1 if self._snapshot is None else self._snapshot.frame.sequence

    def _count(self, change: int) -> None:
        with self._wake:
            self.watchers += change
            self._encoded = None  # a new viewer gets a picture even if no newer frame comes
            self._wake.notify()

    def _run(self) -> None:
        while True:
            with self._wake:
                self._wake.wait_for(self._something_to_do)
                if self._stopping:
                    return
                snapshot = self._encoded = self._snapshot
            if snapshot is not None:
                self._announce(self._encode(snapshot))

    def _something_to_do(self) -> bool:
        return self._stopping or (
            self.watchers > 0 and self._snapshot is not None and self._snapshot is not self._encoded
        )

    def _encode(self, snapshot: Snapshot) -> Jpeg:
        _, encoded = cv2.imencode(".jpg", self._draw(snapshot), (cv2.IMWRITE_JPEG_QUALITY, self._quality))
        self.encoded_count += 1
        data = encoded.tobytes()
        taken_unix_s = snapshot.frame.captured_s + time.time() - time.monotonic()
        return Jpeg(snapshot, data, taken_unix_s, picture_part(data, {TIMESTAMP_HEADER: timestamp_text(taken_unix_s)}))

    def _announce(self, jpeg: Jpeg) -> None:
        loop = self._loop
        if loop is not None and not loop.is_closed():
            loop.call_soon_threadsafe(self._hand_out, jpeg)

    def _hand_out(self, jpeg: Jpeg) -> None:
        self._newest = jpeg
        event, self._fresh = self._fresh, asyncio.Event()
        event.set()


class Viewer:
    """One who watches: gets each picture at most once, and never an old one."""

    def __init__(self, feed: JpegFeed) -> None:
        self._feed = feed
        # What was encoded for an earlier viewer may be of long ago.
        self._sequence = feed.frame_sequence - 1

    async def next(self) -> Jpeg | None:
        """The next picture; None when the stream has ended."""
        jpeg = await self._feed.newer(self._sequence)
        if jpeg is not None:
            self._sequence = jpeg.sequence
        return jpeg
