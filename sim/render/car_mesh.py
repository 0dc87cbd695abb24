"""The toy car: a wooden floor, a painted body, a glass cabin, four wheels and a camera on the bonnet."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from city.geometry import Pose
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry
from sim.render.materials import WOOD
from sim.render.mesh import Mesh, box, cylinder, join_meshes, lathe, placed, prism, with_id
from sim.render.style import Colour

# Vertices with this id take the colour of the single car.
PAINTED = 1

CAR_PAINTS: tuple[Colour, ...] = (
    (0.95, 0.94, 0.90),
    (0.93, 0.62, 0.12),
    (0.20, 0.56, 0.52),
    (0.80, 0.62, 0.42),
    (0.42, 0.30, 0.56),
    (0.92, 0.45, 0.50),
    (0.30, 0.32, 0.36),
    (0.55, 0.70, 0.28),
)

_GLASS = (0.16, 0.20, 0.26)
_TYRE = (0.13, 0.13, 0.14)
_HUB = (0.86, 0.78, 0.62)
_WOOD_TONE = (1.0, 0.98, 0.95)


@dataclass(frozen=True, slots=True)
class CarInstance:
    """A car in the scene; `colour` counts through `CAR_PAINTS`."""

    id: str
    pose: Pose
    colour: int = 0


def car_mesh(vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> Mesh:
    """A car with its drive axle over the origin, heading along +x."""
    rear, front = -vehicle.rear_overhang_m, vehicle.front_overhang_m
    radius, top = vehicle.wheel_radius_m, vehicle.height_m
    half = vehicle.track_m / 2 - vehicle.wheel_width_m / 2 - 0.003
    deck = radius * 1.05
    shoulder = 0.60 * top
    body = prism(
        [
            (rear, deck),
            (front - 0.006, deck),
            (front, deck + 0.012),
            (front - 0.004, 0.47 * top),
            (front - 0.05, shoulder),
            (rear + 0.004, shoulder),
        ],
        half,
        (1, 1, 1),
    )
    cabin = prism(
        [
            (rear + 0.010, shoulder),
            (front - 0.060, shoulder),
            (front - 0.092, 0.94 * top),
            (rear + 0.024, 0.94 * top),
        ],
        half * 0.84,
        _GLASS,
    )
    roof = box(
        ((rear + front - 0.068) / 2, 0.0, 0.93 * top),
        (front - 0.092 - rear - 0.018, 2 * half * 0.88, 0.07 * top),
        (1, 1, 1),
    )
    floor = box(
        ((rear + front) / 2, 0.0, 0.55 * radius),
        (front - rear - 0.012, 2 * half * 0.96, deck - 0.55 * radius),
        _WOOD_TONE,
        WOOD,
        WOOD,
    )
    parts = [with_id(body, PAINTED), cabin, with_id(roof, PAINTED), floor]
    parts += _lamps(vehicle, half) + _camera(vehicle)
    for x_m in (0.0, front - radius - 0.008):
        for side in (-1.0, 1.0):
            parts.append(_wheel(vehicle, x_m, side))
    return join_meshes(parts)


def _lamps(vehicle: VehicleGeometry, half_m: float) -> list[Mesh]:
    rear, front, top = -vehicle.rear_overhang_m, vehicle.front_overhang_m, vehicle.height_m
    lamps = []
    for side in (-0.62, 0.62):
        head = box((front - 0.004, side * half_m, 0.34 * top), (0.012, 0.024, 0.018), (1.0, 0.97, 0.80))
        tail = box((rear + 0.003, side * half_m, 0.40 * top), (0.012, 0.022, 0.020), (0.85, 0.05, 0.05))
        lamps += [head, tail]
    plate = box((rear + 0.001, 0.0, 0.33 * top), (0.006, 0.036, 0.016), (0.97, 0.94, 0.80))
    bumper = box((front - 0.008, 0.0, 0.22 * top), (0.016, 2 * half_m, 0.012), (0.75, 0.75, 0.76))
    return [*lamps, plate, bumper]


def _camera(vehicle: VehicleGeometry) -> list[Mesh]:
    x_m = vehicle.front_overhang_m - 0.045
    mast = box((x_m, 0.0, 0.55 * vehicle.height_m), (0.008, 0.012, 0.30 * vehicle.height_m), (0.25, 0.25, 0.27))
    head = box((x_m, 0.0, 0.80 * vehicle.height_m), (0.012, 0.030, 0.022), (0.12, 0.12, 0.13))
    return [mast, head]


def _wheel(vehicle: VehicleGeometry, x_m: float, side: float) -> Mesh:
    radius, width = vehicle.wheel_radius_m, vehicle.wheel_width_m
    upright = cylinder((0.0, 0.0, 0.0), radius, width, _TYRE, segments=14)
    hub = lathe((0.0, 0.0, width), [(radius * 0.55, 0.0), (radius * 0.4, 0.002), (0.0, 0.002)], _HUB, segments=10)
    wheel = join_meshes([upright, hub])
    # Lay the wheel on its side: its axis turns from +z to +y or -y.
    quarter = -side * math.pi / 2
    cos, sin = math.cos(quarter), math.sin(quarter)
    turn = np.array([[1.0, 0.0, 0.0], [0.0, cos, -sin], [0.0, sin, cos]])
    lying = wheel.copy()
    lying["position"] = wheel["position"] @ turn.T
    lying["normal"] = wheel["normal"] @ turn.T
    y_m = side * (vehicle.track_m / 2 - width / 2)
    return placed(lying, x_m, y_m, z_m=radius)
