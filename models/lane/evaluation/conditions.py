"""The conditions that a lane model is driven under: the ordinary one and the hard ones, each with one thing changed."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from models.lane.closed_loop.drive import Mechanics
from models.lane.closed_loop.journey import PilotHabits
from models.lane.photographing.scenes import CameraSpread, Mounting
from sim.physics import MOTOR_LAG_S

NOMINAL_DELAY_S = Mechanics().delay_s
LATE, EARLY = 1.2 * NOMINAL_DELAY_S, 0.8 * NOMINAL_DELAY_S
ORDINARY_CAMERA = CameraSpread(0.05, math.radians(1.0), math.radians(1.0), math.radians(1.5), 0.003)


@dataclass(frozen=True, slots=True)
class Condition:
    """What an episode's world is like; pairs are the least and the greatest of a uniform draw."""

    name: str
    hardness: float = 0.5  # of the scene's and the photo's look
    look: str | None = None  # one of models.lane.looks, on top of that
    camera: CameraSpread = ORDINARY_CAMERA
    tilt_rad: float = 0.0  # of the camera, up or down, on top of its spread
    delay_s: tuple[float, float] = (0.06, 0.08)
    mismatch: tuple[float, float] = (0.0, 0.02)  # how much faster one wheel rolls than the other, as a share
    leader_m: float | None = None  # a car that is always this far ahead on the route
    command_error_m: float = 0.0  # how far from the right place commands may be given and taken back

    def sample_mechanics(self, rng: np.random.Generator) -> Mechanics:
        """A car of this condition; either of its wheels may be the faster one."""
        half = _either_sign(rng) * float(rng.uniform(*self.mismatch)) / 2
        return Mechanics(float(rng.uniform(*self.delay_s)), MOTOR_LAG_S, 1.0 + half, 1.0 - half)

    def sample_mounting(self, rng: np.random.Generator) -> Mounting:
        """A camera of this condition and where it sits."""
        mounting = self.camera.sample(rng)
        pitch_rad = mounting.camera.pitch_rad + _either_sign(rng) * self.tilt_rad
        return replace(mounting, camera=replace(mounting.camera, pitch_rad=pitch_rad))

    def sample_habits(self, rng: np.random.Generator) -> PilotHabits:
        """A pilot whose idea of where it is may be wrong, by as much at the beginning of a command as at its end."""
        right = PilotHabits()
        error_m = float(rng.uniform(-self.command_error_m, self.command_error_m))
        return PilotHabits(right.before_stop_line_m + error_m, right.past_movement_m + error_m)


def _either_sign(rng: np.random.Generator) -> float:
    return 1.0 if rng.random() < 0.5 else -1.0


NORMAL = Condition("normal")
HARD_CONDITIONS: dict[str, Condition] = {
    condition.name: condition
    for condition in (
        replace(NORMAL, name="dark", look="dark"),
        replace(NORMAL, name="glare", look="glare"),
        replace(NORMAL, name="colour_cast", look="colour_cast"),
        replace(NORMAL, name="worn_lines", look="worn_lines"),
        replace(NORMAL, name="hard_look", hardness=1.0),
        replace(NORMAL, name="late", delay_s=(LATE, LATE)),
        replace(NORMAL, name="early", delay_s=(EARLY, EARLY)),
        replace(NORMAL, name="crooked", mismatch=(0.03, 0.03)),
        replace(NORMAL, name="tilted_camera", tilt_rad=math.radians(3.0)),
        replace(NORMAL, name="behind_a_car", leader_m=0.4),
        replace(NORMAL, name="misplaced_commands", command_error_m=0.08),
    )
}
CONDITIONS: dict[str, Condition] = {NORMAL.name: NORMAL, **HARD_CONDITIONS}


def conditions_named(names: list[str]) -> list[Condition]:
    """The conditions of these names, each once; "all" stands for all of them and "hard" for all but the normal one.

    Raises:
        ValueError: if a name is unknown; lists those that exist.
    """
    groups = {"all": CONDITIONS, "hard": HARD_CONDITIONS, **{name: {name: CONDITIONS[name]} for name in CONDITIONS}}
    chosen: dict[str, Condition] = {}
    for name in names:
        if name not in groups:
            raise ValueError(f"there is no condition {name!r}; known are {', '.join(groups)}")
        chosen.update(groups[name])
    return list(chosen.values())
