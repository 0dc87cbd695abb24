"""Between the car's motion and its two wheels."""

from __future__ import annotations

from dataclasses import dataclass

from fleet.vehicle import DEFAULT_VEHICLE, VehicleGeometry

WHEEL_LIMIT_MPS = 0.188  # of a wheel's rim
MAX_WHEEL_STEP_M = 0.2  # between two readings; more means that the board has counted anew


@dataclass(frozen=True, slots=True)
class Odometry:
    """What the wheels have done since the start."""

    distance_m: float = 0.0
    yaw_rad: float = 0.0  # counter-clockwise positive, not wrapped
    speed_mps: float = 0.0


def wheel_speeds_rad_s(
    speed_mps: float, curvature_per_m: float, vehicle: VehicleGeometry = DEFAULT_VEHICLE
) -> tuple[float, float]:
    """Speeds of the left and right wheel for a speed and a curvature; slowed down together to keep the curve."""
    half_turn = curvature_per_m * vehicle.track_m / 2
    left_mps, right_mps = speed_mps * (1 - half_turn), speed_mps * (1 + half_turn)
    fastest_mps = max(abs(left_mps), abs(right_mps))
    scale = min(1.0, WHEEL_LIMIT_MPS / fastest_mps) if fastest_mps > 0 else 1.0
    return left_mps * scale / vehicle.wheel_radius_m, right_mps * scale / vehicle.wheel_radius_m


class Odometer:
    """Adds up wheel positions; a jump, as after a board's restart, counts as standing still."""

    def __init__(self, vehicle: VehicleGeometry = DEFAULT_VEHICLE) -> None:
        self._vehicle = vehicle
        self._positions_rad: tuple[float, float] | None = None
        self._reading = Odometry()

    def update(self, left_rad: float, right_rad: float, left_rad_s: float = 0.0, right_rad_s: float = 0.0) -> Odometry:
        """Take in wheel positions (unwrapped) and speeds, forward positive."""
        radius_m = self._vehicle.wheel_radius_m
        speed_mps = (left_rad_s + right_rad_s) / 2 * radius_m
        before, self._positions_rad = self._positions_rad, (left_rad, right_rad)
        distance_m, yaw_rad = self._reading.distance_m, self._reading.yaw_rad
        if before is not None:
            left_m, right_m = (left_rad - before[0]) * radius_m, (right_rad - before[1]) * radius_m
            if max(abs(left_m), abs(right_m)) < MAX_WHEEL_STEP_M:
                distance_m += (left_m + right_m) / 2
                yaw_rad += (right_m - left_m) / self._vehicle.track_m
        self._reading = Odometry(distance_m, yaw_rad, speed_mps)
        return self._reading
