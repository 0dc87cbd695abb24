"""Which poses to photograph: near the line mostly, off it often, crossings and curves more than their share."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from city.city import Command
from city.geometry import Pose
from fleet.steering import steering_from_curvature
from models.lane.collecting.approaches import Approach, CommandWindow
from models.lane.labels import LaneLabel, lane_label
from sim.expert import beside

MAX_LATERAL_M = 0.12
MAX_HEADING_RAD = float(np.radians(25.0))
SIDE_CAMERA_M = 0.06
SIDE_CAMERA_SHARE = 0.15
CROSSING_SHARE = 0.35  # of the poses that are taken from just before a movement to just behind it
# How often approaches are drawn, against plain ones: those where only the command tells the way, and those that turn
# into a road which others use as well.
CHOICE_WEIGHT, MERGE_WEIGHT = 3.0, 2.0
# At the beginning of a turn all lines are below the picture or far off: where the car is beside its line is seen to
# 3 cm at best. What cannot be seen is best taken for what it usually is, so cars are about as far off there as when
# they drive.
BLIND_BEFORE_M, SEEN_AGAIN_M = 0.10, 0.15
BLIND_LATERAL_SHARE, BLIND_HEADING_SHARE = 0.3, 0.5
CANDIDATES_PER_FRAME = 3
BALANCE_BINS = 15


@dataclass(frozen=True, slots=True)
class Shot:
    """A picture to take and its label."""

    pose: Pose  # of the drive axle, as if the camera were in the middle
    approach: Approach
    command: Command
    label: LaneLabel
    camera: int  # 0 centre, 1 left, 2 right
    line_steering: float  # that keeps a car on the line here


def sample_shots(
    known: Sequence[Approach], count: int, rng: np.random.Generator
) -> tuple[list[Shot], NDArray[np.float64]]:
    """`count` shots along some approaches, chosen from more so that rare steering is not rare.

    Returns:
        The shots, and the steering of all candidates that they were chosen from.
    """
    weights = np.array([_weight(approach) for approach in known])
    drawn = rng.choice(len(known), count * CANDIDATES_PER_FRAME, p=weights / weights.sum())
    candidates = [_candidate(known[k], rng) for k in drawn]
    steering = np.array([shot.label.steering for shot in candidates])
    bends = np.array([shot.line_steering for shot in candidates])
    chosen = rng.choice(len(candidates), count, replace=False, p=_balancing(bends))
    return [candidates[k] for k in sorted(chosen)], steering


def _weight(approach: Approach) -> float:
    if approach.is_choice:
        return CHOICE_WEIGHT
    return MERGE_WEIGHT if approach.is_merge else 1.0


def _balancing(line_steering: NDArray[np.float64]) -> NDArray[np.float64]:
    """Probabilities that go against the histogram: rare bends are preferred, yet not as if all were equal.

    Choosing by the answers themselves would make rare answers more likely wherever a picture leaves them open.
    """
    bins = np.clip(((line_steering + 1) / 2 * BALANCE_BINS).astype(int), 0, BALANCE_BINS - 1)
    weights = 1.0 / np.sqrt(np.bincount(bins, minlength=BALANCE_BINS)[bins])
    return np.asarray(weights / weights.sum())


def _candidate(approach: Approach, rng: np.random.Generator) -> Shot:
    station_m = _station(approach, rng)
    camera = int(rng.integers(1, 3)) if rng.random() < SIDE_CAMERA_SHARE else 0
    lateral_m, heading_rad = _disturbance(rng)
    if _is_blind(approach, station_m):
        camera = 0
        lateral_m, heading_rad = BLIND_LATERAL_SHARE * lateral_m, BLIND_HEADING_SHARE * heading_rad
    if camera:
        lateral_m = np.clip(lateral_m / 3 + (SIDE_CAMERA_M if camera == 1 else -SIDE_CAMERA_M), -0.12, 0.12)
    pose = beside(approach.line, station_m, float(lateral_m), heading_rad)
    label = lane_label(approach.line, pose, near_s_m=station_m)
    command = CommandWindow.sample(rng).command_at(approach, label.station_m)
    bend = steering_from_curvature(approach.line.curvature_at(station_m))
    return Shot(pose, approach, command, label, camera, bend)


def _is_blind(approach: Approach, station_m: float) -> bool:
    """Whether a car here has little but the far side of a turn before it."""
    if approach.command is Command.FORWARD:
        return False
    return approach.stop_line_m - BLIND_BEFORE_M <= station_m <= approach.movement_end_m - SEEN_AGAIN_M


def _station(approach: Approach, rng: np.random.Generator) -> float:
    if rng.random() < CROSSING_SHARE:
        return float(rng.uniform(max(0.0, approach.stop_line_m - 0.3), approach.movement_end_m + 0.05))
    return float(rng.uniform(0.0, approach.end_m))


def _disturbance(rng: np.random.Generator) -> tuple[float, float]:
    """Lateral and heading error: mostly small, as when driving well, at times large, seldom both together."""
    if rng.random() < 0.6:
        lateral_m, heading_rad = rng.normal(0, 0.02), rng.normal(0, np.radians(5))
    else:
        lateral_m = rng.uniform(-MAX_LATERAL_M, MAX_LATERAL_M)
        heading_rad = rng.normal(0, np.radians(12))
    return (
        float(np.clip(lateral_m, -MAX_LATERAL_M, MAX_LATERAL_M)),
        float(np.clip(heading_rad, -MAX_HEADING_RAD, MAX_HEADING_RAD)),
    )
