"""Both models on one picture, and what they see put onto the road."""

from __future__ import annotations

from car.camera.frame import Frame
from car.perception.detector import Detector
from car.perception.lane import LaneModel
from car.perception.perception import Perception
from car.perception.sighting import CAR_LABEL, DetectorView, locate_car, locate_sign
from city.city import Command
from fleet.vehicle import DEFAULT_CAMERA, DEFAULT_VEHICLE, CameraGeometry, VehicleGeometry


class Eyes:
    """Looks at frames; used by one thread."""

    def __init__(
        self,
        lane: LaneModel,
        detector: Detector,
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

    def look(self, frame: Frame, command: Command) -> Perception:
        """Make sense of a frame."""
        lane = self._lane.look(frame.picture, command)
        self._looks += 1
        if self._looks % self._every:
            return Perception(frame.captured_s, lane)
        detections = self._detector.look(frame.picture)
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
