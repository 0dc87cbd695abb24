"""Made-up frames for tests."""

import numpy as np

from models.lane.dataset import Frames


def random_frames(count: int, seed: int = 0) -> Frames:
    """Noise pictures with random labels."""
    rng = np.random.default_rng(seed)
    return Frames(
        rng.integers(0, 256, (count, 80, 120, 3), dtype=np.uint8),
        rng.uniform(-1, 1, count).astype(np.float32),
        rng.uniform(-0.1, 0.1, count).astype(np.float32),
        rng.uniform(-0.4, 0.4, count).astype(np.float32),
        rng.integers(0, 4, count).astype(np.uint8),
        rng.integers(0, 3, count).astype(np.uint8),
        np.full(count, -1, np.int32),
    )


def slanted_frames(count: int, seed: int = 0) -> Frames:
    """Pictures with a bright bar, the farther aside the more is to be steered: something to learn."""
    frames = random_frames(count, seed)
    aside = np.linspace(-1, 1, 120) - 0.8 * frames.steering[:, None]
    frames.picture[:] = (60 + 130 * np.exp(-((aside / 0.2) ** 2))).astype(np.uint8)[:, None, :, None]
    frames.lateral_m[:] = 0.05 * frames.steering
    frames.heading_rad[:] = -0.2 * frames.steering
    return frames
