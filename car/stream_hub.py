"""What a car shows: its view with and without drawings for people, and every plain picture for who records a drive."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager

from car.jpeg_feed import JpegFeed, Viewer
from car.overlay import draw_overlay
from car.snapshot import Snapshot
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry

MIN_PERIOD_S = 1 / 15
RECORDING_QUALITY = 92  # pictures to train on keep more than pictures to look at


class StreamHub:
    """Feeds of the same snapshots, each with an encoder of its own, which rests while nobody watches.

    `publish` is for the control loop and never waits. `watch` and `record` are for the event loop that called `attach`.
    """

    def __init__(self, quality: int = 70, camera: CameraGeometry = DEFAULT_CAMERA) -> None:
        self._drawn = JpegFeed(lambda snapshot: draw_overlay(snapshot, camera), quality, MIN_PERIOD_S)
        self._plain = JpegFeed(lambda snapshot: snapshot.frame.picture, quality, MIN_PERIOD_S)
        self._recording = JpegFeed(lambda snapshot: snapshot.frame.picture, RECORDING_QUALITY, min_period_s=0.0)
        self._feeds = (self._drawn, self._plain, self._recording)

    @property
    def watchers(self) -> int:
        """How many viewers there are."""
        return sum(feed.watchers for feed in self._feeds)

    @property
    def encoded_count(self) -> int:
        """How many pictures have been encoded."""
        return sum(feed.encoded_count for feed in self._feeds)

    def publish(self, snapshot: Snapshot) -> None:
        """Offer a newer picture."""
        for feed in self._feeds:
            feed.publish(snapshot)

    def attach(self) -> None:
        """Serve viewers of the running event loop from now on."""
        for feed in self._feeds:
            feed.attach()

    def close(self) -> None:
        """End the encoders and, from the event loop's thread, every viewer."""
        for feed in self._feeds:
            feed.close()

    def watch(self, overlay: bool) -> AbstractAsyncContextManager[Viewer]:
        """A viewer for people, at most `1 / MIN_PERIOD_S` pictures a second; counted as long as the context lasts."""
        return (self._drawn if overlay else self._plain).watch()

    def record(self) -> AbstractAsyncContextManager[Viewer]:
        """A viewer that gets every picture without drawings, as fast as the camera gives and it can take them."""
        return self._recording.watch()
