"""What the models say about a picture, still in its own terms: steering, labels and pixels."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LaneView:
    """What a lane model says about one picture."""

    steering: float  # -1 … 1, right positive
    lateral_m: float | None = None  # of the axle from the lane's centre, left positive
    heading_rad: float | None = None  # of the car against the lane, counter-clockwise positive


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in a picture, in pixels from its upper left corner."""

    left_px: float
    top_px: float
    right_px: float
    bottom_px: float


@dataclass(frozen=True, slots=True)
class Detection:
    """Something seen; its box is in pixels of the whole camera picture."""

    label: str
    score: float
    box: Box
