"""Between the car's motion and its two wheels."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_bridge.kinematics import DifferentialDrive
from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry

WHEEL_LIMIT_MPS = 0.188  # of a wheel's rim


@dataclass(frozen=True, slots=True)
class Odometry:
    """What the wheels have done since the start."""

    distance_m: float = 0.0
    yaw_rad: float = 0.0  # counter-clockwise positive, not wrapped
    speed_mps: float = 0.0
    measured_s: float | None = None  # when, on the monotonic clock


def wheel_speeds_rad_s(
    speed_mps: float, curvature_per_m: float, vehicle: VehicleGeometry = DEFAULT_VEHICLE
) -> tuple[float, float]:
    """Speeds of the left and right wheel for a speed and a curvature; slowed down together to keep the curve."""
    left_rad_s, right_rad_s = drive_of(vehicle).wheel_speeds(speed_mps, speed_mps * curvature_per_m)
    fastest_mps = max(abs(left_rad_s), abs(right_rad_s)) * vehicle.wheel_radius_m
    scale = min(1.0, WHEEL_LIMIT_MPS / fastest_mps) if fastest_mps > 0 else 1.0
    return left_rad_s * scale, right_rad_s * scale


def drive_of(vehicle: VehicleGeometry) -> DifferentialDrive:
    """The kinematics of a vehicle."""
    return DifferentialDrive(vehicle.track_m, vehicle.wheel_radius_m)


class Odometer:
    """Adds up wheel positions over restarts of the board."""

    def __init__(self, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> None:
        self._drive = drive_of(vehicle)
        self._positions_rad: tuple[float, float] | None = None
        self._reading = Odometry()

    def update(
        self, left_rad: float, right_rad: float, left_rad_s: float, right_rad_s: float, measured_s: float | None = None
    ) -> Odometry:
        """Take in wheel positions (unwrapped) and speeds, forward positive, and when they were measured."""
        speed_mps, _ = self._drive.body_speeds(left_rad_s, right_rad_s)
        distance_m, yaw_rad = self._reading.distance_m, self._reading.yaw_rad
        if self._positions_rad is not None:
            moved = (left_rad - self._positions_rad[0], right_rad - self._positions_rad[1])
            ahead_m, turned_rad = self._drive.body_speeds(*moved)
            distance_m, yaw_rad = distance_m + ahead_m, yaw_rad + turned_rad
        self._positions_rad = (left_rad, right_rad)
        self._reading = Odometry(distance_m, yaw_rad, speed_mps, measured_s)
        return self._reading

    def recount(self) -> None:
        """The wheels will count from elsewhere: the next update only sets where from."""
        self._positions_rad = None
