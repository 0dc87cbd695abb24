"""Gathers frames with their labels until they become a shard."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from car.perception.lane import lane_picture
from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import SINGLE_PICTURE, Frames
from models.lane.labels import LaneLabel
from models.lane.variants import WHOLE_PICTURE


class Notebook:
    """Frames in the order in which they were noted."""

    def __init__(self) -> None:
        self._rows: list[tuple[Any, ...]] = []
        self.candidates: list[float] = []  # steering of all that the frames were chosen from

    def __len__(self) -> int:
        return len(self._rows)

    def note(
        self,
        frame: NDArray[np.uint8],
        label: LaneLabel,
        command: Command,
        *,
        camera: int = 0,
        drive: int = SINGLE_PICTURE,
    ) -> None:
        """Shrink and keep a frame (240, 320, 3) uint8 BGR."""
        small = lane_picture(frame, WHOLE_PICTURE)
        row = (small, label.steering, label.lateral_m, label.heading_rad, COMMANDS.index(command), camera, drive)
        self._rows.append(row)

    def frames(self) -> Frames:
        """Everything noted so far; at least one frame."""
        picture, steering, lateral_m, heading_rad, command, camera, drive = zip(*self._rows, strict=True)
        return Frames(
            np.stack(picture),
            np.array(steering, np.float32),
            np.array(lateral_m, np.float32),
            np.array(heading_rad, np.float32),
            np.array(command, np.uint8),
            np.array(camera, np.uint8),
            np.array(drive, np.int32),
        )
