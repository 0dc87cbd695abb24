"""Training pictures packed with objects: windows around objects of many frames, side by side.

A frame shows two or three objects that are asked for, a collage about a dozen, for the same arithmetic. The
network is blind to where in a picture something stands, so it learns from collages several times as fast what a
sign looks like; what surrounds objects it learns from whole frames.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import TypeAlias

import cv2
import numpy as np
from numpy.typing import NDArray

from car.perception.detector import crop_rows
from models.common.workers.processes import Processes
from models.detector.pictures.boxes import MIN_CROPPED_PX, LabelledBox, within_rows
from models.detector.pictures.example import Slice, is_in
from models.detector.pictures.labels import CROP
from models.detector.pictures.voc import LabelledImage, annotation_path, read_example, write_example

GRIDS = ((2, 3), (3, 3), (3, 4))  # rows, columns
# Of windows, by what is in them: large and whole objects are learnt long before hidden and small ones.
SHARES = {"hidden": 0.3, "small": 0.35, "any": 0.35}
KEPT_SHARE = 0.6  # of an object; one of which less is left in the window is difficult
GREY = 128
MOST_MAKERS = 16
FEWEST_OF_A_PART = 500


@dataclass(frozen=True, slots=True)
class Window:
    """Rows and columns of a frame."""

    top: int
    left: int
    height: int
    width: int


_ByLabel: TypeAlias = dict[str, list[tuple[LabelledImage, LabelledBox]]]


class CollageMaker:
    """Draws objects of every class equally often from a data set, hidden and small ones more often than they come."""

    def __init__(self, examples: Sequence[LabelledImage]) -> None:
        self._hidden: _ByLabel = {}
        self._small: _ByLabel = {}
        self._all: _ByLabel = {}
        for example in examples:
            for box in within_rows(example.boxes, *crop_rows(example.height_px, CROP)):
                if not box.difficult:
                    self._add(example, box)
        self._labels = sorted(self._all)

    def _add(self, example: LabelledImage, box: LabelledBox) -> None:
        self._all.setdefault(box.label, []).append((example, box))
        if is_in(Slice.OCCLUDED, frozenset(), box):
            self._hidden.setdefault(box.label, []).append((example, box))
        if is_in(Slice.SMALL, frozenset(), box):
            self._small.setdefault(box.label, []).append((example, box))

    def make(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], tuple[LabelledBox, ...]]:
        """A BGR picture of the size of a frame, filled where the detector looks, and its boxes."""
        size = self._all[self._labels[0]][0][0]
        top, bottom = crop_rows(size.height_px, CROP)
        rows, columns = GRIDS[int(rng.integers(len(GRIDS)))]
        picture = np.full((size.height_px, size.width_px, 3), GREY, np.uint8)
        boxes: list[LabelledBox] = []
        row_edges = np.linspace(top, bottom, rows + 1).astype(int).tolist()
        column_edges = np.linspace(0, size.width_px, columns + 1).astype(int).tolist()
        for y, y_end in pairwise(row_edges):
            for x, x_end in pairwise(column_edges):
                example, box = self._pick(rng)
                window = place_window(box, (y_end - y, x_end - x), (bottom, example.width_px), rng)
                picture[y:y_end, x:x_end] = _cut(example, window)
                boxes += (shifted(part, y, x) for part in within_window(example.boxes, window))
        return picture, tuple(boxes)

    def _pick(self, rng: np.random.Generator) -> tuple[LabelledImage, LabelledBox]:
        label = self._labels[int(rng.integers(len(self._labels)))]
        wanted = (self._hidden, self._small, self._all)[int(rng.choice(len(SHARES), p=list(SHARES.values())))]
        alike = wanted.get(label, self._all[label])
        return alike[int(rng.integers(len(alike)))]


def place_window(box: LabelledBox, size: tuple[int, int], limits: tuple[int, int], rng: np.random.Generator) -> Window:
    """A window of `size` (height, width) within (0, 0)..`limits` that holds a box wherever that is possible."""
    corner = []
    for low, high, length, limit in (
        (box.y_min, box.y_max, size[0], limits[0]),
        (box.x_min, box.x_max, size[1], limits[1]),
    ):
        first, last = sorted((high - length, low))
        corner.append(int(np.clip(rng.integers(first, last + 1), 0, limit - length)))
    return Window(corner[0], corner[1], size[0], size[1])


def within_window(boxes: Sequence[LabelledBox], window: Window) -> Iterator[LabelledBox]:
    """What a window shows of boxes, in the window's own pixels."""
    for box in boxes:
        x_min, x_max = max(box.x_min, window.left), min(box.x_max, window.left + window.width)
        y_min, y_max = max(box.y_min, window.top), min(box.y_max, window.top + window.height)
        if x_max - x_min < MIN_CROPPED_PX or y_max - y_min < MIN_CROPPED_PX:
            continue
        left = (x_max - x_min) * (y_max - y_min) / (box.width * box.height)
        part = replace(
            box,
            x_min=x_min,
            y_min=y_min,
            x_max=x_max,
            y_max=y_max,
            truncated=box.truncated or left < 1,
            difficult=box.difficult or left < KEPT_SHARE,
        )
        yield shifted(part, -window.top, -window.left)


def shifted(box: LabelledBox, down: int, right: int) -> LabelledBox:
    """A box elsewhere."""
    return replace(
        box,
        x_min=box.x_min + right,
        x_max=box.x_max + right,
        y_min=box.y_min + down,
        y_max=box.y_max + down,
    )


@dataclass(frozen=True, slots=True)
class _Part:
    """Numbers first … end - 1 of the collages of `examples`."""

    examples: Sequence[LabelledImage]
    folder: Path
    seed: int
    first: int
    end: int


def write_collages(examples: Sequence[LabelledImage], folder: Path, count: int, seed: int) -> list[LabelledImage]:
    """Write `count` collages of `examples` as a Pascal VOC folder, keeping those that are there, and read them.

    The same seed gives the same collages, however many cores make them.
    """
    processes = Processes.one_per_core(MOST_MAKERS)
    part_count = min(processes.count, math.ceil(count / FEWEST_OF_A_PART))
    edges = np.linspace(0, count, part_count + 1).astype(int).tolist()
    for _ in processes.each(_write_part, [_Part(examples, folder, seed, first, end) for first, end in pairwise(edges)]):
        pass
    return [read_example(folder, _name(number)) for number in range(count)]


def _write_part(part: _Part) -> None:
    missing = [k for k in range(part.first, part.end) if not annotation_path(part.folder, _name(k)).is_file()]
    if not missing:
        return
    maker = CollageMaker(part.examples)
    for number in missing:
        write_example(part.folder, _name(number), *maker.make(np.random.default_rng([part.seed, number])))


def _name(number: int) -> str:
    return f"collage-{number:06d}"


def _cut(example: LabelledImage, window: Window) -> NDArray[np.uint8]:
    frame = np.asarray(cv2.imread(str(example.path), cv2.IMREAD_COLOR), np.uint8)
    return frame[window.top : window.top + window.height, window.left : window.left + window.width]
