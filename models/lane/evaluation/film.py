"""Film strips: the last pictures before a car was lost, with what the network said about them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from models.lane.evaluation.driver import Glimpse

FRAMES = 8
EVERY = 4  # frames from one picture of the strip to the next
COLUMNS = 4
CAPTION_PX = 40
_INK, _PAPER = (20, 20, 20), 245


def write_film(path: Path, glimpses: Sequence[Glimpse], frame_period_s: float) -> None:
    """Write a PNG of the last glimpses, the very last at its end; its folder is made if it lacks.

    Args:
        path: where it goes.
        glimpses: in the order of time, one or more.
        frame_period_s: from one glimpse to the next.
    """
    shown = range(len(glimpses) - 1, -1, -EVERY)[:FRAMES][::-1]
    tiles = [_tile(glimpses[k], (k - len(glimpses) + 1) * frame_period_s) for k in shown]
    blank = np.full_like(tiles[0], _PAPER)
    tiles += [blank] * (-len(tiles) % COLUMNS)
    rows = [np.hstack(tiles[k : k + COLUMNS]) for k in range(0, len(tiles), COLUMNS)]
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.vstack(rows))


def _tile(glimpse: Glimpse, age_s: float) -> NDArray[np.uint8]:
    caption = np.full((CAPTION_PX, glimpse.frame.shape[1], 3), _PAPER, np.uint8)
    _write(caption, f"{age_s:+.2f} s   command {glimpse.command.value}", 15)
    _write(caption, f"said {glimpse.said:+.2f}   expert {glimpse.expert:+.2f}", 32)
    return np.vstack([caption, glimpse.frame])


def _write(picture: NDArray[np.uint8], text: str, baseline_px: int) -> None:
    cv2.putText(picture, text, (6, baseline_px), cv2.FONT_HERSHEY_SIMPLEX, 0.45, _INK, 1, cv2.LINE_AA)
