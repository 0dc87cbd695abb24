"""How good a detector is on labelled pictures: average precision in all, per class and per slice, and time."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from car.perception.detector import Detector, crop_rows
from car.perception.seen import Detection
from models.detector.evaluation.average_precision import Precision, average_precision
from models.detector.pictures.boxes import LabelledBox, within_rows
from models.detector.pictures.example import Example, Slice, is_in
from models.detector.pictures.labels import LABELS, united
from models.latency import Latency


@dataclass(frozen=True, slots=True)
class Judged:
    """One picture: what is there in the part that the detector sees, and what it found."""

    truth: tuple[LabelledBox, ...]
    found: tuple[Detection, ...]
    traits: frozenset[Slice]


@dataclass(frozen=True, slots=True)
class Report:
    """Average precision of all, and of each slice that occurs, and the time that a picture takes."""

    whole: Precision
    slices: Mapping[Slice, Precision]
    latency: Latency  # of a whole look, cropping and conversion included

    def as_table(self) -> str:
        """For reading: a line for each class, worst first, one for each slice, and one for all."""
        lines = [f"{'class':<18} {'AP50':>6} {'AP50:95':>8} {'objects':>8}"]
        for label, values in sorted(self.whole.per_class.items(), key=lambda item: item[1]["ap50"]):
            lines.append(f"{label:<18} {values['ap50']:6.3f} {values['ap50_95']:8.3f} {values['objects']:8.0f}")
        lines.append(f"{'slice':<18} {'mAP50':>6} {'mAP50:95':>8} {'objects':>8}")
        lines += [_line(part, precision) for part, precision in self.slices.items()]
        lines.append(f"{_line('all', self.whole)}, {self.latency.p50_ms:.1f} ms each")
        return "\n".join(lines)

    def as_json(self) -> dict[str, Any]:
        """The keys that `pixelopolis evaluate detector` writes."""
        return {
            **self.whole.as_json(),
            "per_class": {label: dict(values) for label, values in self.whole.per_class.items()},
            "slices": {part.value: precision.as_json() for part, precision in self.slices.items()},
            "latency_ms_median": self.latency.p50_ms,
            "latency_ms_p99": self.latency.p99_ms,
        }


def _line(name: str, precision: Precision) -> str:
    figures = f"{precision.map50:6.3f} {precision.map50_95:8.3f} {precision.objects:8.0f}"
    return f"{name:<18} {figures}   {precision.images} pictures"


def without_threshold(detector: Detector) -> Detector:
    """The same detector, reporting everything however uncertain: average precision needs the whole curve."""
    open_detector = copy.copy(detector)
    open_detector.sidecar = detector.sidecar.model_copy(update={"score_threshold": 0.0})
    return open_detector


def judge(
    detector: Detector, examples: Iterable[Example], watch: Callable[[Example, Judged], None] | None = None
) -> tuple[list[Judged], Latency]:
    """Show a detector whole frames, and keep all that it found, however uncertain.

    Args:
        detector: who looks.
        examples: what there is to see.
        watch: told of each picture in turn.

    Raises:
        ValueError: if there are no examples.
    """
    open_detector = without_threshold(detector)
    judged, times_ms = [], []
    for example in examples:
        begun_s = time.perf_counter()
        found = open_detector.look(example.image)
        times_ms.append((time.perf_counter() - begun_s) * 1e3)
        truth = within_rows(example.boxes, *crop_rows(example.image.shape[0], detector.sidecar.crop))
        judged.append(Judged(truth, found, example.traits))
        if watch is not None:
            watch(example, judged[-1])
    if not judged:
        raise ValueError("there are no pictures to judge by")
    return judged, Latency.of(times_ms)


def evaluate(
    detector: Detector, examples: Iterable[Example], watch: Callable[[Example, Judged], None] | None = None
) -> Report:
    """Score a detector on whole BGR frames with their boxes; `watch` is told of each picture in turn.

    Raises:
        ValueError: if there is not one object to find.
    """
    judged, latency = judge(detector, examples, watch)
    labels = united([LABELS, detector.sidecar.labels])
    return Report(_precision(judged, labels), slice_precisions(judged, labels), latency)


def slice_precisions(judged: Sequence[Judged], labels: Sequence[str]) -> dict[Slice, Precision]:
    """The precision of each slice that has an object to find: the others are difficult in it, and not asked for."""
    found = {}
    for part in Slice:
        inside = [_within(part, each) for each in judged]
        inside = [each for each in inside if not all(box.difficult for box in each.truth)]
        if inside:
            found[part] = _precision(inside, labels)
    return found


def _within(part: Slice, judged: Judged) -> Judged:
    boxes = [box if is_in(part, judged.traits, box) else replace(box, difficult=True) for box in judged.truth]
    return replace(judged, truth=tuple(boxes))


def _precision(judged: Sequence[Judged], labels: Sequence[str]) -> Precision:
    return average_precision([each.truth for each in judged], [each.found for each in judged], labels)
