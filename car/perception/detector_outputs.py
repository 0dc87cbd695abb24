"""Which of a detection model's outputs are its boxes, classes, scores and their count.

An interpreter lists them in any order, and converters name them in more than one way: `StatefulPartitionedCall:0` is
the boxes in some files and the count in others (https://github.com/tensorflow/models/issues/10970). So the operation
that made them is asked first, then words in names, then numbers in names, and last the shapes.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

import numpy as np

from car.perception.sidecar import DetectorOutputNames, ModelError
from car.perception.tflite import TfliteModel

Detail: TypeAlias = dict[str, Any]

POST_PROCESS = "TFLite_Detection_PostProcess"
ROLES = ("boxes", "classes", "scores", "count")  # in the operation's order
_WORDS = {
    "boxes": ("box", "location"),
    "classes": ("class", "categor"),
    "scores": ("score",),
    "count": ("num", "count"),
}
_COUNTED = re.compile(r"(.*?)(?:[:_](\d+))?")


@dataclass(frozen=True, slots=True)
class DetectorOutputs:
    """The details of the four outputs."""

    boxes: Detail
    classes: Detail
    scores: Detail
    count: Detail


def find_outputs(model: TfliteModel, named: DetectorOutputNames | None = None) -> DetectorOutputs:
    """The four outputs of a detection model.

    Args:
        model: any model.
        named: their names, from the sidecar, if it gives them.

    Raises:
        ModelError: if there are none, or if it cannot be told which is which.
    """
    if named is not None:
        found = {role: model.output(getattr(named, role)) for role in ROLES}
        for role, detail in found.items():
            if not _fits(role, detail):
                raise ModelError(model.path, f"its output {detail['name']} {_shape(detail)} cannot be the {role}")
        return DetectorOutputs(**found)
    found = _by_operation(model)
    if not found:
        worded = _by_word(model)
        numbered = {} if len(worded) == len(ROLES) else _by_number(model.named_outputs)
        found = numbered or _completed_by_shape(worded, model)
    return DetectorOutputs(**found)


def _by_operation(model: TfliteModel) -> dict[str, Detail]:
    """Where what the post-processing operation gives are the model's outputs, its order tells; else empty."""
    by_index = {detail["index"]: detail for detail in model.outputs.values()}
    made = model.custom_operations().get(POST_PROCESS, ())[: len(ROLES)]  # some give a fifth, which anchors they were
    found = [by_index[index] for index in made if index in by_index]
    return dict(zip(ROLES, found, strict=True)) if len(found) == len(ROLES) else {}


def _by_number(outputs: Mapping[str, Detail]) -> dict[str, Detail]:
    """By numbers behind one name, as in `name`, `name:1` or `output_0`, where the shapes agree; else empty."""
    groups: dict[str, dict[int, Detail]] = {}
    for name, detail in outputs.items():
        match = _COUNTED.fullmatch(name)
        if match:
            groups.setdefault(match[1], {})[int(match[2] or 0)] = detail
    for group in groups.values():
        if all(number in group and _fits(role, group[number]) for number, role in enumerate(ROLES)):
            return {role: group[number] for number, role in enumerate(ROLES)}
    return {}


def _by_word(model: TfliteModel) -> dict[str, Detail]:
    """Those outputs that their names tell, of the tensor or in the signature."""
    found = {}
    for role in ROLES:
        told = [d for d in model.outputs.values() if _fits(role, d) and _is_called(role, d, model.named_outputs)]
        if len(told) == 1:
            found[role] = told[0]
    return found


def _completed_by_shape(worded: Mapping[str, Detail], model: TfliteModel) -> dict[str, Detail]:
    """What names do not tell has to be the only one left of its shape."""
    found = dict(worded)
    for role in [role for role in ROLES if role not in worded]:
        taken = {detail["index"] for detail in found.values()}
        left = [d for d in model.outputs.values() if _fits(role, d) and d["index"] not in taken]
        if len(left) != 1:
            raise ModelError(model.path, _trouble(role, left, model))
        found[role] = left[0]
    return found


def _trouble(role: str, left: list[Detail], model: TfliteModel) -> str:
    way_out = f"say which is which under 'outputs' in {model.path.with_suffix('.json').name}"
    if left:
        return f"its outputs {_list(left)} could each be the {role}; {way_out}"
    return (
        f"has no output for the {role} of what it detects; it has {_list(list(model.outputs.values()))}. A car needs a "
        f"model that ends in {POST_PROCESS} or gives the same four outputs; if it does, {way_out}"
    )


def _is_called(role: str, detail: Detail, outputs: Mapping[str, Detail]) -> bool:
    names = [name.lower() for name, other in outputs.items() if other["index"] == detail["index"]]
    return any(word in name for word in _WORDS[role] for name in names)


def _fits(role: str, detail: Detail) -> bool:
    """Boxes are (1, n, 4), their count is one number, classes and scores are (1, n)."""
    shape = _shape(detail)
    if role == "boxes":
        return len(shape) == 3 and shape[0] == 1 and shape[2] == 4
    if role == "count":
        return len(shape) <= 1 and int(np.prod(shape)) == 1
    return len(shape) == 2 and shape[0] == 1


def _shape(detail: Detail) -> tuple[int, ...]:
    return tuple(int(n) for n in detail["shape"])


def _list(details: list[Detail]) -> str:
    return ", ".join(sorted(f"{detail['name']} {_shape(detail)}" for detail in details))
