"""What a car shows: its view in every variant for people, and every plain picture for who records a drive."""

from __future__ import annotations

import time
from contextlib import AbstractAsyncContextManager
from functools import partial

from car.snapshot import Snapshot
from car.video.jpeg_feed import JpegFeed, Viewer
from car.video.rate_limit import RateLimit
from car.video.shown_pictures import ShownPictures
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry
from fleet.video.variant import PictureSize, Variant

RATE_HZ = 20.0  # for people; what a camera gives beyond it is left out
RECORDING_QUALITY = 92  # pictures to train on keep more than pictures to look at
HIGHEST_QUALITY = {PictureSize.COARSE: 20, PictureSize.MEDIUM: 40, PictureSize.SMALL: 30}


class StreamHub:
    """Feeds of the same snapshots, each with an encoder of its own, which rests while nobody watches.

    `publish` is for the control loop and never waits. `watch` and `record` are for the event loop that called `attach`.
    """

    def __init__(self, quality: int = 70, camera: CameraGeometry = DEFAULT_CAMERA) -> None:
        pictures = ShownPictures(camera)
        self._shown = {
            variant: JpegFeed(
                partial(pictures.picture, variant=variant), min(quality, HIGHEST_QUALITY.get(variant.size, quality))
            )
            for variant in (Variant(size, overlay) for size in PictureSize for overlay in (True, False))
        }
        self._rate = RateLimit(RATE_HZ)
        self._recording = JpegFeed(lambda snapshot: snapshot.frame.picture, RECORDING_QUALITY)
        self._feeds = (*self._shown.values(), self._recording)

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
        self._recording.publish(snapshot)
        if self._rate.allows(time.monotonic()):
            for feed in self._shown.values():
                feed.publish(snapshot)

    def attach(self) -> None:
        """Serve viewers of the running event loop from now on."""
        for feed in self._feeds:
            feed.attach()

    def close(self) -> None:
        """End the encoders and, from the event loop's thread, every viewer."""
        for feed in self._feeds:
            feed.close()

    def watch(self, variant: Variant) -> AbstractAsyncContextManager[Viewer]:
        """A viewer for people, at most `RATE_HZ` pictures a second; counted as long as the context lasts."""
        return self._shown[variant].watch()

    def record(self) -> AbstractAsyncContextManager[Viewer]:
        """A viewer that gets every picture without drawings, as fast as the camera gives and it can take them."""
        return self._recording.watch()
