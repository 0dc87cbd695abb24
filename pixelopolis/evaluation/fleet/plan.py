"""What to simulate."""

from __future__ import annotations

from dataclasses import dataclass

from pixelopolis.evaluation.fleet.vision import Vision


@dataclass(frozen=True, slots=True)
class FleetPlan:
    """A fleet, its city and its faults; the same plan gives the same run."""

    cars: int
    minutes: float
    city: str
    vision: Vision = Vision.SURROGATE
    faults: int = 0
    seed: int = 0

    @property
    def seconds(self) -> float:
        """Simulated, before the last visitors are served."""
        return self.minutes * 60.0
