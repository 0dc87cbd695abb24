"""Writing the report: draw every picture, put the content together, store it as Markdown and as one HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

from models.common.plots import plotting, store
from models.common.untyped import Network
from models.lane.dataset import Frames
from models.lane.report.bars import draw_by_steering, draw_groups, draw_residuals
from models.lane.report.content import compose
from models.lane.report.curves import History, draw_curves
from models.lane.report.document import markdown, one_page
from models.lane.report.errors import FloatArray, by_camera, by_command, by_steering
from models.lane.report.histogram import SteeringHistogram, draw_histogram
from models.lane.report.insides import draw_activations, draw_filters, first_layer
from models.lane.report.pictures import best_frames, draw_frames, typical_frames, varied_frames, worst_frames
from models.lane.report.saliency import draw_saliency
from models.lane.report.scatter import draw_predicted, draw_predicted_by_command
from models.lane.variants import Variant

ACTIVATION_FRAMES = 3


def write_report(
    folder: Path,
    variant: Variant,
    history: History,
    validation: Frames,
    predicted: Mapping[str, FloatArray],
    *,
    training: SteeringHistogram | None = None,
    model: Network | None = None,
    stage_epochs: Sequence[int] = (),
) -> Path:
    """Write `report.md` with its pictures, and the same as `report.html` in one piece, into `folder`.

    Args:
        folder: an existing folder.
        variant: what was trained.
        history: by metric, one value per epoch.
        validation: frames on which the network was not trained, at least one; unknown offsets are NaN.
        predicted: what it says about them, by output, (n,) each.
        training: the steering of the training frames, before and after balancing.
        model: the network that takes one frame at a time, to show its filters and what it looks at.
        stage_epochs: how many epochs each stage had, if the history is of several behind each other.

    Returns:
        The path of `report.md`.

    Raises:
        ValueError: if there are no validation frames.
    """
    if len(validation) == 0:
        raise ValueError(f"a report needs validation frames, and {folder} got none; collect more")
    with plotting():
        figures = _plots(variant, history, validation, predicted["steering"], training, stage_epochs)
        if model is not None:
            figures |= _insides(model, variant, validation, predicted["steering"])
        for name, figure in figures.items():
            store(figure, folder / f"{name}.png")
    document = compose(variant, history, validation, predicted, stage_epochs, training, set(figures))
    (folder / "report.html").write_text(one_page(document, folder), encoding="utf-8")
    path = folder / "report.md"
    path.write_text(markdown(document), encoding="utf-8")
    return path


def _plots(
    variant: Variant,
    history: History,
    frames: Frames,
    said: FloatArray,
    training: SteeringHistogram | None,
    stage_epochs: Sequence[int],
) -> dict[str, Figure]:
    figures = {
        "loss": draw_curves(history, stage_epochs),
        "steering": draw_histogram(frames.steering, training),
        "predicted": draw_predicted(frames.steering, said),
        "errors_by_steering": draw_by_steering(by_steering(frames, said)),
        "errors_by_group": draw_groups(by_command(frames, said), by_camera(frames, said)),
        "residuals": draw_residuals(frames.steering, said),
        "worst": draw_frames(variant, frames, said, worst_frames(frames, said)),
        "typical": draw_frames(variant, frames, said, typical_frames(frames, said)),
        "best": draw_frames(variant, frames, said, best_frames(frames, said)),
    }
    if len(np.unique(frames.command)) > 1:
        figures["predicted_by_command"] = draw_predicted_by_command(frames, said)
    return figures


def _insides(model: Network, variant: Variant, frames: Frames, said: FloatArray) -> dict[str, Figure]:
    chosen = varied_frames(frames)
    figures = {"saliency": draw_saliency(model, variant, frames.only(chosen), said[chosen])}
    if (layer := first_layer(model)) is not None:
        figures["filters"] = draw_filters(layer)
        few = varied_frames(frames, ACTIVATION_FRAMES)
        figures["activations"] = draw_activations(layer, frames.only(few))
    return figures
