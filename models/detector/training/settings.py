"""What decides how a detector is trained."""

from __future__ import annotations

from dataclasses import dataclass, field

from models.detector.network.anchors import AnchorLayout
from models.detector.training.light import Augmentation


@dataclass(frozen=True, slots=True)
class TrainSettings:
    """Everything that decides what a training run does."""

    variant: str = "edge-w1.0"
    collage_epochs: int = 3  # first, on collages
    collages: int = 20_000
    epochs: int = 3  # then, on whole frames
    batch_size: int = 8
    learning_rate: float = 6e-3
    warmup_share: float = 0.05  # of all steps
    seed: int = 1
    validation_share: float = 0.04
    layout: AnchorLayout = field(default_factory=AnchorLayout)
    augmentation: Augmentation = field(default_factory=Augmentation)
