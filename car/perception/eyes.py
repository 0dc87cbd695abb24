"""Both models on one picture, and what they see put onto the road."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from car.camera.frame import Frame, Picture
from car.perception.perception import Perception
from car.perception.seen import Box, Detection, LaneView
from car.perception.sighting import CAR_LABEL, DetectorView, locate_car, locate_sign
from city.city import Command
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry, VehicleGeometry

SAME_OVERLAP = 0.6  # boxes that share more than this of what they cover together are of one thing
MEMORY_GAP_S = 0.3  # between frames, after which a recurrent model's memory is of another place


def surest(detections: Sequence[Detection]) -> tuple[Detection, ...]:
    """One detection for each thing: the model suppresses double boxes only within a class. Best first, as given."""
    kept: list[Detection] = []
    for detection in detections:
        if all(overlap(detection.box, other.box) <= SAME_OVERLAP for other in kept):
            kept.append(detection)
    return tuple(kept)


def overlap(first: Box, second: Box) -> float:
    """Common area of two boxes as a share of what they cover together."""
    width_px = min(first.right_px, second.right_px) - max(first.left_px, second.left_px)
    height_px = min(first.bottom_px, second.bottom_px) - max(first.top_px, second.top_px)
    if width_px <= 0 or height_px <= 0:
        return 0.0
    common = width_px * height_px
    return common / (_area(first) + _area(second) - common)


def _area(box: Box) -> float:
    return (box.right_px - box.left_px) * (box.bottom_px - box.top_px)


class LaneSight(Protocol):
    """What the eyes need of a lane model."""

    def look(self, picture_bgr: Picture, command: Command) -> LaneView:
        """Steering for a camera picture (h, w, 3) BGR under a command."""
        ...

    def reset(self) -> None:
        """Forget the pictures before."""
        ...


class DetectorSight(Protocol):
    """What the eyes need of a detector."""

    def look(self, picture_bgr: Picture) -> tuple[Detection, ...]:
        """What is seen in a camera picture (h, w, 3) BGR, best first."""
        ...

    def rows(self, height_px: int) -> tuple[int, int]:
        """First row, and the row after the last, of what it sees in a picture of that height."""
        ...


class Eyes:
    """Looks at frames; used by one thread."""

    def __init__(
        self,
        lane: LaneSight,
        detector: DetectorSight,
        detector_every: int = 1,
        camera: CameraGeometry = DEFAULT_CAMERA,
        vehicle: VehicleGeometry = DEFAULT_VEHICLE,
    ) -> None:
        self._lane = lane
        self._detector = detector
        self._every = detector_every
        self._camera = camera
        self._vehicle = vehicle
        self._looks = 0
        self._captured_s = 0.0

    def look(self, frame: Frame, command: Command) -> Perception:
        """Make sense of a frame."""
        if not 0.0 <= frame.captured_s - self._captured_s <= MEMORY_GAP_S:
            self._lane.reset()
        self._captured_s = frame.captured_s
        lane = self._lane.look(frame.picture, command)
        self._looks += 1
        if self._looks % self._every:
            return Perception(frame.captured_s, lane)
        detections = surest(self._detector.look(frame.picture))
        first, end = self._detector.rows(frame.picture.shape[0])
        view = DetectorView(frame.picture.shape[1], first, end)
        signs = (locate_sign(d, view, self._camera) for d in detections if d.label != CAR_LABEL)
        cars = (locate_car(d, view, self._camera, self._vehicle) for d in detections if d.label == CAR_LABEL)
        return Perception(
            frame.captured_s,
            lane,
            tuple(sign for sign in signs if sign is not None),
            tuple(car for car in cars if car is not None),
            detections,
        )
