"""What stands in the report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

import numpy as np

from models.lane.card.files import UNITS
from models.lane.dataset import Frames
from models.lane.report.curves import History, best_epoch
from models.lane.report.document import Document, Part, Picture, Section, Table
from models.lane.report.errors import ErrorGroup, FloatArray, by_camera, by_command, known_frames, mean_errors
from models.lane.report.histogram import SteeringHistogram
from models.lane.variants import Variant

_ARCS = (
    "White and whole is the true steering's way, orange and broken the predicted one's, 0.7 m far, drawn for the "
    "camera of the drawing."
)


def compose(
    variant: Variant,
    history: History,
    frames: Frames,
    predicted: Mapping[str, FloatArray],
    stage_epochs: Sequence[int],
    training: SteeringHistogram | None,
    drawn: Set[str],
) -> Document:
    """The report's content; `drawn` names the pictures that there are."""
    sections = (
        ("Errors", _errors(variant, frames, predicted)),
        ("Training", _training(history, stage_epochs)),
        ("Steering in the data", _data(training)),
        ("Predicted against true", _against()),
        ("Frames", _frames()),
        ("Inside the network", _inside(variant)),
    )
    kept = [(title, _only(parts, drawn)) for title, parts in sections]
    introduction = (f"Variant {variant.name}: {variant.summary}.", _words(len(frames)))
    return Document(
        f"Training of the lane model, variant {variant.name}",
        introduction,
        tuple(Section(title, parts) for title, parts in kept if parts),
    )


def _words(frames: int) -> str:
    return (
        f"{frames:,} validation frames, of scenes that were not trained on. Steering is from -1 to 1, right positive; "
        "full scale is a curve of 0.2 m radius."
    )


def _only(parts: Sequence[Part], drawn: Set[str]) -> tuple[Part, ...]:
    return tuple(part for part in parts if not isinstance(part, Picture) or part.file.removesuffix(".png") in drawn)


def _errors(variant: Variant, frames: Frames, predicted: Mapping[str, FloatArray]) -> list[Part]:
    known = known_frames(variant, frames)
    rows = []
    for name, error in mean_errors(variant, frames, predicted).items():
        true = getattr(frames, name)
        constant = float(np.nanmean(np.abs(true - np.nanmean(true))))
        rows.append((name, f"{error:.4f}", f"{constant:.4f}", UNITS[name], f"{known[name]:,}"))
    said = predicted["steering"]
    parts: list[Part] = [
        Table(("output", "mean absolute error", "of always the mean", "unit", "frames"), tuple(rows)),
        "Steering, by command and by camera:",
        _group_table("command", by_command(frames, said)),
        _group_table("camera", by_camera(frames, said)),
        Picture("errors_by_group.png", "errors by command and by camera", "In brackets the number of frames."),
    ]
    if unknown := [name for name in variant.outputs if known[name] < len(frames)]:
        are = "is" if len(unknown) == 1 else "are"
        parts.insert(1, f"Where {' and '.join(unknown)} {are} not known, as in recordings, frames are left out there.")
    return parts


def _group_table(kind: str, groups: Sequence[ErrorGroup]) -> Table:
    rows = [(group.name, f"{group.mean:.4f}", f"{group.p90:.4f}", f"{group.frames:,}") for group in groups]
    return Table((kind, "mean absolute error", "90 % are below", "frames"), tuple(rows))


def _training(history: History, stage_epochs: Sequence[int]) -> list[Part]:
    caption = "Training frames are mirrored and disturbed, so their errors may be larger than validation's."
    if (best := best_epoch(history, stage_epochs)) is not None:
        caption = f"The network of epoch {best}, with the lowest validation loss, was kept. {caption}"
    if len(stage_epochs) > 1:
        caption += " At each dotted line frames of the model's own drives were added, to training and to validation."
    return [Picture("loss.png", "loss by epoch", caption)]


def _data(training: SteeringHistogram | None) -> list[Part]:
    caption = "How often which steering is right."
    if training is not None and training.before is not None:
        caption += " Rare steering is chosen more often than it comes by itself."
    return [Picture("steering.png", "histogram of steering", caption)]


def _against() -> list[Part]:
    return [
        Picture("predicted.png", "predicted against true steering", "A perfect network would be on the line."),
        Picture("predicted_by_command.png", "predicted against true steering by command", "The same by command."),
        Picture("errors_by_steering.png", "steering errors by true steering", "At the bottom the number of frames."),
        Picture("residuals.png", "histogram of residuals", "Residuals; what lies beyond the axis is at its ends."),
    ]


def _frames() -> list[Part]:
    return [
        Picture("worst.png", "the frames with the largest errors", f"The largest errors, the worst first. {_ARCS}"),
        Picture("typical.png", "frames with median errors", "Errors nearest to the median."),
        Picture("best.png", "the frames with the smallest errors", "The smallest errors."),
    ]


def _inside(variant: Variant) -> list[Part]:
    memory = " Its memory is empty." if variant.memory_units else ""
    return [
        Picture(
            "saliency.png",
            "pixels on which the steering hangs",
            "Bright is where a change of a pixel would change the steering most: the gradient of the steering, "
            f"its mean over copies with noise.{memory}",
        ),
        Picture(
            "filters.png",
            "filters of the first layer",
            "Filters of the first layer, each by its own scale: the colours to which it answers; grey is zero.",
        ),
        Picture(
            "activations.png",
            "answers of the first layer",
            "What these filters answer, in their order, row by row; bright is strong, each filter by its own scale.",
        ),
    ]
