"""From objects as they were labelled to boxes of a data set."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, replace

from models.detector.exchange.annotation import ForeignAnnotation
from models.detector.exchange.class_map import ClassMap
from models.detector.exchange.problems import UnusableError
from models.detector.pictures.boxes import LabelledBox


@dataclass(frozen=True, slots=True)
class Objects:
    """What an annotation says, in our labels; boxes may still leave the picture."""

    size_px: tuple[int, int] | None
    boxes: tuple[LabelledBox, ...]
    left_out: int
    problems: tuple[UnusableError, ...]  # of the others

    def checksum(self) -> str:
        """Another one when something else is said about the picture."""
        said = json.dumps([self.size_px, [asdict(box) for box in self.boxes]])
        return hashlib.sha256(said.encode("utf-8")).hexdigest()


def in_our_labels(annotation: ForeignAnnotation, classes: ClassMap) -> Objects:
    """An annotation's objects with labels instead of classes."""
    boxes: list[LabelledBox] = []
    problems: list[UnusableError] = []
    left_out = 0
    for each in annotation.objects:
        if each.problem is not None:
            problems.append(each.problem)
            continue
        try:
            label = classes.label_of(each.box.label)
        except UnusableError as error:
            problems.append(error)
            continue
        if label is None:
            left_out += 1
        else:
            boxes.append(replace(each.box, label=label))
    return Objects(annotation.size_px, tuple(boxes), left_out, tuple(problems))


def within(box: LabelledBox, width_px: int, height_px: int) -> tuple[LabelledBox, UnusableError | None]:
    """The part of a box that is in the picture, and what was wrong with it although it is used.

    Raises:
        UnusableError: if it is empty, or no part of it is in the picture.
    """
    corners = f"x {box.x_min + 1} to {box.x_max}, y {box.y_min + 1} to {box.y_max} in {width_px}x{height_px}"
    # A box from a pixel to itself has no extent where it was drawn, although VOC would count one pixel.
    if box.width <= 1 or box.height <= 1:
        raise UnusableError("box is empty", f"{box.label}, {corners}")
    if box.x_min >= width_px or box.y_min >= height_px or box.x_max <= 0 or box.y_max <= 0:
        raise UnusableError("box is outside the picture", f"{box.label}, {corners}")
    inside = replace(
        box,
        x_min=max(0, box.x_min),
        y_min=max(0, box.y_min),
        x_max=min(width_px, box.x_max),
        y_max=min(height_px, box.y_max),
    )
    if inside == box:
        return box, None
    doubt = UnusableError("box leaves the picture, and is cut", f"{box.label}, {corners}")
    return replace(inside, truncated=True), doubt
