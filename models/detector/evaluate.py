"""How good a detector is: COCO's average precision, over all and per class, and how long a picture takes."""

from __future__ import annotations

import contextlib
import copy
import io
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from car.perception.detector import Detection, Detector, crop_rows
from models.detector.boxes import LabelledBox, within_rows
from models.detector.labels import LABELS, united


@dataclass(frozen=True, slots=True)
class Report:
    """Average precision at IoU 0.5 and over IoU 0.5..0.95, and the median time of a picture."""

    map50: float
    map50_95: float
    per_class: Mapping[str, Mapping[str, float]]  # label -> {"ap50", "ap50_95", "objects"}
    images: int
    latency_ms_median: float

    def as_table(self) -> str:
        """For reading: a line for each class, worst first, and one for all."""
        lines = [f"{'class':<16} {'AP50':>6} {'AP50:95':>8} {'objects':>8}"]
        for label, values in sorted(self.per_class.items(), key=lambda item: item[1]["ap50"]):
            lines.append(f"{label:<16} {values['ap50']:6.3f} {values['ap50_95']:8.3f} {values['objects']:8.0f}")
        lines.append(
            f"{'all':<16} {self.map50:6.3f} {self.map50_95:8.3f}   {self.images} pictures, "
            f"{self.latency_ms_median:.1f} ms each"
        )
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The keys that `pixelopolis evaluate detector` writes."""
        return {
            "map50": self.map50,
            "map50_95": self.map50_95,
            "per_class": {label: dict(values) for label, values in self.per_class.items()},
            "images": self.images,
            "latency_ms_median": self.latency_ms_median,
        }


def without_threshold(detector: Detector) -> Detector:
    """The same detector, reporting everything however uncertain: average precision needs the whole curve."""
    open_detector = copy.copy(detector)
    open_detector.sidecar = detector.sidecar.model_copy(update={"score_threshold": 0.0})
    return open_detector


def evaluate(detector: Detector, examples: Iterable[tuple[NDArray[np.uint8], tuple[LabelledBox, ...]]]) -> Report:
    """Score a detector on whole BGR frames with their boxes.

    Boxes marked difficult are neither wanted nor punished (COCO's `iscrowd`). The time of a picture includes
    cropping and conversion.

    Raises:
        ValueError: if there is not one object to find.
    """
    open_detector = without_threshold(detector)
    truths: list[tuple[LabelledBox, ...]] = []
    found: list[tuple[Detection, ...]] = []
    seconds = []
    for frame, boxes in examples:
        started = time.perf_counter()
        found.append(open_detector.look(frame))
        seconds.append(time.perf_counter() - started)
        truths.append(within_rows(boxes, *crop_rows(frame.shape[0], detector.sidecar.crop)))
    labels = united([LABELS, detector.sidecar.labels])
    return _report(truths, found, labels, 1000 * float(np.median(seconds)) if seconds else 0.0)


def _report(
    truths: list[tuple[LabelledBox, ...]],
    found: list[tuple[Detection, ...]],
    labels: Sequence[str],
    median_ms: float,
) -> Report:
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
    return Report(
        float(np.mean([values["ap50"] for values in per_class.values()])),
        float(np.mean([values["ap50_95"] for values in per_class.values()])),
        per_class,
        len(truths),
        median_ms,
    )


def _coco_truth(truths: list[tuple[LabelledBox, ...]], labels: Sequence[str]) -> dict[str, Any]:
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


def _coco_found(found: list[tuple[Detection, ...]], labels: Sequence[str]) -> NDArray[np.float64]:
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
