"""How fast to drive."""

from __future__ import annotations

import math

CRUISE_MPS = 0.14
TURN_MPS = 0.10
CREEP_MPS = 0.06
HAND_MPS = 0.10  # by an operator's hand, unless the configuration says otherwise
TURN_CURVATURE_PER_M = 1.5
ACCELERATION_MPS2 = 0.4
DECELERATION_MPS2 = 0.5
APPROACH_MPS2 = 0.25  # planned deceleration before a known stop, so that the limit above is never needed
REACTION_S = 0.06  # driven on before the wheels follow a command: a control period and the motors' lag
STOPPED_SHORT_M = 0.002  # nearer than this to the end of the road the car stands


def cruise_mps(curvature_per_m: float, scale: float = 1.0) -> float:
    """Speed on free road of a curvature; `scale` is the configured share of full speed."""
    return scale * (TURN_MPS if abs(curvature_per_m) > TURN_CURVATURE_PER_M else CRUISE_MPS)


def approach_mps(road_left_m: float, speed_mps: float) -> float:
    """Highest speed from which the car still stops within `road_left_m`, planned gently."""
    braking_m = road_left_m - speed_mps * REACTION_S
    if road_left_m <= STOPPED_SHORT_M:
        return 0.0
    return math.sqrt(2 * APPROACH_MPS2 * max(0.0, braking_m))


def limited_mps(speed_mps: float, wanted_mps: float, period_s: float) -> float:
    """The speed after `period_s` on the way from `speed_mps` to `wanted_mps`, within the limits of acceleration."""
    lowest_mps = speed_mps - DECELERATION_MPS2 * period_s
    highest_mps = speed_mps + ACCELERATION_MPS2 * period_s
    return max(0.0, min(highest_mps, max(lowest_mps, wanted_mps)))
