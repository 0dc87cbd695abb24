"""What varies from scene to scene and from picture to picture."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from city.city import City
from city.geometry import Pose
from city.route_line import RouteLine
from fleet.vehicle import DEFAULT_CAMERA, CameraGeometry
from sim.expert import beside
from sim.render.car_mesh import CAR_PAINTS, CarInstance

HELD_OUT_SEED = 1_000_000  # cities and looks with seeds from here on are never trained on
SHIPPED_CITIES = {"pixelopolis": 0.25, "square": 0.05, "curvy": 0.06, "straight": 0.02}  # the rest is random
CIRCUIT_SHARE = 0.12
CAR_AHEAD_SHARE = 0.35
CAR_AHEAD_M = (0.3, 1.0)


@dataclass(frozen=True, slots=True)
class CameraSpread:
    """How far cameras differ from the drawing; each bound is for a uniform draw to both sides."""

    height_share: float = 0.10
    pitch_rad: float = math.radians(4.0)
    roll_rad: float = math.radians(2.0)
    fov_rad: float = math.radians(3.0)
    sideways_m: float = 0.005

    def sample(self, rng: np.random.Generator) -> Mounting:
        """One camera and where it sits."""
        base = DEFAULT_CAMERA
        camera = replace(
            base,
            height_m=base.height_m * float(1 + rng.uniform(-self.height_share, self.height_share)),
            pitch_rad=base.pitch_rad + float(rng.uniform(-self.pitch_rad, self.pitch_rad)),
            roll_rad=float(rng.uniform(-self.roll_rad, self.roll_rad)),
            horizontal_fov_rad=base.horizontal_fov_rad + float(rng.uniform(-self.fov_rad, self.fov_rad)),
        )
        return Mounting(camera, float(rng.uniform(-self.sideways_m, self.sideways_m)))


@dataclass(frozen=True, slots=True)
class Mounting:
    """A camera and how far to the left of the car's middle it is."""

    camera: CameraGeometry = DEFAULT_CAMERA
    left_m: float = 0.0

    def seat(self, car: Pose) -> Pose:
        """The pose of a car in whose middle the camera would be."""
        return Pose(
            car.x_m - self.left_m * math.sin(car.heading_rad),
            car.y_m + self.left_m * math.cos(car.heading_rad),
            car.heading_rad,
        )


def training_city_name(rng: np.random.Generator) -> str:
    """A city to learn from: a shipped one, or a random city or circuit whose seed is not held out."""
    draw = float(rng.random())
    for name, share in SHIPPED_CITIES.items():
        if draw < share:
            return name
        draw -= share
    family = "circuit" if draw < CIRCUIT_SHARE else "random"
    return f"{family}:{int(rng.integers(HELD_OUT_SEED))}"


def other_cars(city: City, line: RouteLine, station_m: float, rng: np.random.Generator) -> list[CarInstance]:
    """Other cars: often one ahead on the same line, and some anywhere in the city."""
    cars = []
    if rng.random() < CAR_AHEAD_SHARE:
        ahead_m = station_m + float(rng.uniform(*CAR_AHEAD_M))
        if ahead_m < line.length_m:
            cars.append(beside(line, ahead_m, float(rng.normal(0, 0.01)), float(rng.normal(0, 0.05))))
    edges = sorted(city.edges)
    here = line.pose_at(station_m)
    for _ in range(int(rng.integers(0, 4))):
        curve = city.edges[edges[int(rng.integers(len(edges)))]].curve
        pose = curve.pose_at(float(rng.uniform(0, curve.length_m)))
        if math.hypot(pose.x_m - here.x_m, pose.y_m - here.y_m) > CAR_AHEAD_M[0]:
            cars.append(pose)
    return [CarInstance(f"other-{k}", pose, int(rng.integers(len(CAR_PAINTS)))) for k, pose in enumerate(cars)]


@dataclass(frozen=True, slots=True)
class Leader:
    """A car that drives ahead on the same line at a constant distance, or none."""

    line: RouteLine
    ahead_m: float | None
    colour: int = 0

    @classmethod
    def sample(cls, line: RouteLine, rng: np.random.Generator) -> Leader:
        """A leader as often as there is a car ahead elsewhere."""
        ahead_m = float(rng.uniform(*CAR_AHEAD_M)) if rng.random() < CAR_AHEAD_SHARE else None
        return cls(line, ahead_m, int(rng.integers(len(CAR_PAINTS))))

    def seen_from(self, station_m: float) -> list[CarInstance]:
        """The leader, for a car at `station_m` of the line."""
        if self.ahead_m is None:
            return []
        return [CarInstance("leader", self.line.pose_at(station_m + self.ahead_m), self.colour)]
