"""What the car saw and did in one step, for whoever watches."""

from __future__ import annotations

from dataclasses import dataclass

from car.camera.frame import Frame
from car.perception.perception import Perception
from car.piloting.pilot_state import PilotOutputs
from city.city import Command


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """One step; `perception` is the newest in which the detector looked."""

    frame: Frame
    perception: Perception
    outputs: PilotOutputs
    place: str | None
    taken_s: float
    command: Command = Command.FOLLOW  # that the lane model was given with this frame
