"""What people get to see of a step: in a few widths, with and without drawings, each made once for all who want it."""

from __future__ import annotations

import threading

import cv2

from car.camera.frame import Picture
from car.snapshot import Snapshot
from car.video.overlay import draw_overlay, drawn_width_px
from fleet.vehicle import CameraGeometry
from fleet.video.variant import PictureSize, Variant

WIDEST_PX = {PictureSize.MEDIUM: 320, PictureSize.SMALL: 160}


class ShownPictures:
    """Called by the encoders' threads; keeps the pictures of the newest step."""

    def __init__(self, camera: CameraGeometry) -> None:
        self._camera = camera
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._drawn: dict[int, Picture] = {}

    def picture(self, snapshot: Snapshot, variant: Variant) -> Picture:
        """The picture of a step, height x width x 3, which nobody may change."""
        plain = snapshot.frame.picture
        if variant.overlay:
            return self._drawn_once(snapshot, _width_px(drawn_width_px(plain.shape[1]), variant.size))
        width_px = _width_px(plain.shape[1], variant.size)
        return plain if width_px == plain.shape[1] else _shrunk(plain, width_px)

    def _drawn_once(self, snapshot: Snapshot, width_px: int) -> Picture:
        with self._lock:
            if snapshot is not self._snapshot:
                self._snapshot, self._drawn = snapshot, {}
            if width_px not in self._drawn:
                self._drawn[width_px] = draw_overlay(snapshot, self._camera, width_px)
            return self._drawn[width_px]


def _width_px(whole_px: int, size: PictureSize) -> int:
    return min(whole_px, WIDEST_PX.get(size, whole_px))


def _shrunk(picture: Picture, width_px: int) -> Picture:
    height_px = round(picture.shape[0] * width_px / picture.shape[1])
    small: Picture = cv2.resize(picture, (width_px, height_px), interpolation=cv2.INTER_AREA)
    return small
