"""Made-up drives for tests."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from models.lane.evaluation.conditions import NORMAL, Condition
from models.lane.evaluation.crossings import Crossings
from models.lane.evaluation.episodes import Episode, EpisodeResult

TINY_MODEL = Path(__file__).parents[1] / "car" / "tiny_models" / "lane.tflite"  # steers by brightness: soon lost
NO_CROSSINGS = Crossings()


def made_up_drive(
    index: int = 0,
    lateral_m: Sequence[float] = (0.01, -0.03),
    *,
    why: str = "time",
    seconds: float = 60.0,
    condition: Condition = NORMAL,
    city: str = "square",
    crossings: Crossings = NO_CROSSINGS,
    outside_s: float = 0.0,
    saw_pictures: bool = True,
) -> EpisodeResult:
    """A drive to the right along the x axis, one centimetre a frame."""
    path_m = [(0.01 * k, value) for k, value in enumerate(lateral_m)]
    return EpisodeResult(
        Episode(1, index, condition, city),
        seconds,
        why,
        np.array(lateral_m, np.float32),
        np.array(path_m, np.float32).reshape(-1, 2),
        outside_s,
        0.36,
        crossings,
        saw_pictures,
    )
