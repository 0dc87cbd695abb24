"""Data sets as COCO's object detection JSON (https://cocodataset.org/#format-data)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from city.sign_catalogue import SIGN_KINDS
from models.common.files import write_bytes
from models.common.progress import progress_bar
from models.detector.exchange.exporting import Export, open_for_export, refuse_existing
from models.detector.pictures.boxes import LabelledBox
from models.detector.pictures.labels import CAR


def export_coco(folder: Path, target: Path) -> int:
    """Write a data set's annotations; the pictures stay in its `JPEGImages/`. Returns the number of pictures.

    Raises:
        DataSetError: if the data set is wrong, or `target` exists.
    """
    refuse_existing(target)
    data = open_for_export(folder)
    images: list[dict[str, Any]] = []
    annotations: list[dict[str, Any]] = []
    with progress_bar("pictures", len(data.examples)) as advance:
        for number, example in data.checked():
            images.append(
                {
                    "id": number,
                    "file_name": example.path.name,
                    "width": example.width_px,
                    "height": example.height_px,
                }
            )
            for box in example.boxes:
                annotations.append(_annotation(data, len(annotations) + 1, number, box))
            advance(1)
    document = {
        "info": {"description": f"Pixelopolis signs and cars: {folder.resolve().name}", "version": "1.0"},
        "licenses": [],
        "images": images,
        "annotations": annotations,
        "categories": [
            {"id": data.number_of(label), "name": label, "supercategory": _kind(label)} for label in data.labels
        ],
    }
    write_bytes(target, json.dumps(document, ensure_ascii=False).encode("utf-8"))
    return len(images)


def _annotation(data: Export, number: int, image: int, box: LabelledBox) -> dict[str, Any]:
    return {
        "id": number,
        "image_id": image,
        "category_id": data.number_of(box.label),
        "bbox": [box.x_min, box.y_min, box.width, box.height],
        "area": box.width * box.height,
        "iscrowd": 0,
        "difficult": int(box.difficult),  # not COCO's; whoever evaluates may want to pass over them
        "truncated": int(box.truncated),
        "occluded": int(box.occluded),
    }


def _kind(label: str) -> str:
    if label in SIGN_KINDS:
        return "sign"
    return "vehicle" if label == CAR else "own"
