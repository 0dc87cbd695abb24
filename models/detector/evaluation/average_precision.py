"""COCO's average precision of what a detector found, over all classes and for each, by pycocotools."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from car.perception.seen import Detection
from models.detector.pictures.boxes import LabelledBox

Truths = Sequence[Sequence[LabelledBox]]  # of each picture
Found = Sequence[Sequence[Detection]]  # in each picture


@dataclass(frozen=True, slots=True)
class Precision:
    """Average precision at IoU 0.5 and over IoU 0.5..0.95, means over the classes that occur."""

    map50: float
    map50_95: float
    per_class: Mapping[str, Mapping[str, float]]  # label -> {"ap50", "ap50_95", "objects"}
    images: int

    @property
    def objects(self) -> int:
        """How many objects were asked for."""
        return int(sum(values["objects"] for values in self.per_class.values()))

    def as_json(self) -> dict[str, float]:
        """Without the classes."""
        return {"map50": self.map50, "map50_95": self.map50_95, "images": self.images, "objects": self.objects}


def average_precision(truths: Truths, found: Found, labels: Sequence[str]) -> Precision:
    """Score detections; boxes marked difficult are neither wanted nor punished (COCO's `iscrowd`).

    Raises:
        ValueError: if there is not one object to find.
    """
    wanted = [box.label for boxes in truths for box in boxes if not box.difficult]
    if not wanted:
        raise ValueError(f"there is not one object to find in {len(truths)} pictures")
    with contextlib.redirect_stdout(io.StringIO()):  # pycocotools prints as it goes
        truth = COCO()
        truth.dataset = _coco_truth(truths, labels)
        truth.createIndex()
        rows = _coco_found(found, labels)
        scored = COCOeval(truth, truth.loadRes(rows) if len(rows) else _nothing(truth), "bbox")
        scored.evaluate()
        scored.accumulate()
    precision = scored.eval["precision"]  # (IoU, recall, class, area, detections)
    per_class = {}
    for k, label in enumerate(labels):
        if label in wanted:
            values = precision[:, :, k, 0, -1]
            per_class[label] = {
                "ap50": float(values[0].mean()),
                "ap50_95": float(values.mean()),
                "objects": wanted.count(label),
            }
    return Precision(
        float(np.mean([values["ap50"] for values in per_class.values()])),
        float(np.mean([values["ap50_95"] for values in per_class.values()])),
        per_class,
        len(truths),
    )


def _coco_truth(truths: Truths, labels: Sequence[str]) -> dict[str, Any]:
    # A difficult object is a crowd of every class: whatever a detector calls it is not held against it.
    annotations = [
        {
            "image_id": image,
            "category_id": label,
            "bbox": [box.x_min, box.y_min, box.width, box.height],
            "area": box.width * box.height,
            "iscrowd": int(box.difficult),
        }
        for image, boxes in enumerate(truths)
        for box in boxes
        for label in (range(1, len(labels) + 1) if box.difficult else [labels.index(box.label) + 1])
    ]
    return {
        "info": {},
        "images": [{"id": k} for k in range(len(truths))],
        "annotations": [{"id": k + 1, **annotation} for k, annotation in enumerate(annotations)],
        "categories": [{"id": k + 1, "name": label} for k, label in enumerate(labels)],
    }


def _coco_found(found: Found, labels: Sequence[str]) -> NDArray[np.float64]:
    """(n, 7): image, x, y, width, height, score, class."""
    rows = []
    for image, detections in enumerate(found):
        for each in detections:
            box, label = each.box, labels.index(each.label) + 1
            width, height = box.right_px - box.left_px, box.bottom_px - box.top_px
            rows.append([image, box.left_px, box.top_px, width, height, each.score, label])
    return np.array(rows, np.float64).reshape(-1, 7)


def _nothing(truth: COCO) -> COCO:
    nothing = COCO()
    nothing.dataset = {**truth.dataset, "annotations": []}
    nothing.createIndex()
    return nothing
