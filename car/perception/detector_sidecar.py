"""How to feed a detector and what its classes mean: from its sidecar, from a label file, or from both."""

from __future__ import annotations

from pathlib import Path

from car.perception.labels import LabelFile, label_file_beside, labels_within, read_label_file
from car.perception.sidecar import DetectorSidecar, ModelError, read_sidecar


def detector_sidecar(model_path: Path, labels_path: Path | None = None) -> DetectorSidecar:
    """Everything about a detector that its graph does not say.

    The labels are those of `labels_path`; if that is not given those of the sidecar, of a label file beside the model,
    or of one that is packed into it. All else comes from the sidecar, and where there is none from the defaults.

    Raises:
        ModelError: if the model, the sidecar or the label file is missing or wrong, or if nothing gives labels.
    """
    if not model_path.is_file():
        raise ModelError(model_path, "there is no such file; train one or name another in the configuration")
    beside = model_path.with_suffix(".json")
    sidecar = read_sidecar(model_path, DetectorSidecar) if beside.exists() else DetectorSidecar()
    if labels_path is None and sidecar.labels:
        return sidecar
    labels_path = labels_path or label_file_beside(model_path)
    found = labels_within(model_path) if labels_path is None else read_label_file(labels_path)
    if found is None:
        raise ModelError(
            model_path,
            "nothing says what its classes are; give a label file (--labels, or detector_labels in the configuration), "
            f"put one beside it as labels.txt, or give 'labels' in {beside.name}",
        )
    return sidecar.model_copy(update=_with(found, sidecar))


def _with(found: LabelFile, sidecar: DetectorSidecar) -> dict[str, object]:
    # Numbers in a label file are the model's own, whatever the sidecar's list began with.
    return {"labels": found.labels, "class_offset": 0 if found.numbered else sidecar.class_offset}
