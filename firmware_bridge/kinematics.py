"""A differential drive: speed and turn rate of the car against turn rates of its wheels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DifferentialDrive:
    """Two driven wheels on one axle."""

    track_m: float
    wheel_radius_m: float

    def wheel_speeds(self, speed_mps: float, yaw_rate_rad_s: float) -> tuple[float, float]:
        """(left, right) wheel speeds in rad/s; a left turn has a positive yaw rate."""
        half_m_s = yaw_rate_rad_s * self.track_m / 2
        return (speed_mps - half_m_s) / self.wheel_radius_m, (speed_mps + half_m_s) / self.wheel_radius_m

    def body_speeds(self, left_rad_s: float, right_rad_s: float) -> tuple[float, float]:
        """(speed in m/s, yaw rate in rad/s) for wheel speeds. Angles in, (metres, radians) out works as well."""
        left_mps, right_mps = left_rad_s * self.wheel_radius_m, right_rad_s * self.wheel_radius_m
        return (left_mps + right_mps) / 2, (right_mps - left_mps) / self.track_m
