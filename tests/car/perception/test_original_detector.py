"""The original installation's own detector, unchanged, where its files are given."""

from __future__ import annotations

import os
from pathlib import Path

import cv2
import numpy as np
import pytest
from ai_edge_litert.interpreter import Interpreter

from car.camera.frame import Picture
from car.perception.detector import Detector
from car.perception.detector_sidecar import detector_sidecar
from city.sign_catalogue import sign_rgba
from pixelopolis.bench.detector import DetectorBench, bench_detector

FOLDER = os.environ.get("PIXELOPOLIS_BASELINES")

pytestmark = pytest.mark.skipif(
    FOLDER is None,
    reason="PIXELOPOLIS_BASELINES names no folder with original_object_detector.tflite and original_labels.txt",
)


@pytest.fixture(scope="module")
def model() -> Path:
    return Path(FOLDER or "") / "original_object_detector.tflite"


@pytest.fixture(scope="module")
def labels() -> Path:
    return Path(FOLDER or "") / "original_labels.txt"


@pytest.fixture(scope="module")
def street() -> Picture:
    """BGR, (240, 320, 3): a sky, a road, and two signs."""
    picture = np.full((240, 320, 3), 150, np.uint8)
    picture[:120] = (230, 200, 180)
    for kind, top, left in (("Stop_sign", 40, 30), ("Bump", 60, 200)):
        sign = sign_rgba(kind, 90)
        part = picture[top : top + 90, left : left + 90]
        opaque = sign[..., 3:] / 255.0
        part[:] = np.rint(opaque * sign[..., 2::-1] + (1 - opaque) * part)
    return picture


def test_its_label_file_is_read_without_the_background(labels: Path, model: Path) -> None:
    sidecar = detector_sidecar(model, labels)
    assert (len(sidecar.labels), sidecar.labels[0], sidecar.labels[-1]) == (15, "Cross", "Car")


def test_it_says_what_its_interpreter_says(model: Path, labels: Path, street: Picture) -> None:
    """Scaled to its 225 x 300 pixels, RGB bytes as they are; its four outputs are in the operation's order."""
    interpreter = Interpreter(model_path=str(model), num_threads=1)
    interpreter.allocate_tensors()
    small = cv2.cvtColor(cv2.resize(street, (225, 300), interpolation=cv2.INTER_LINEAR), cv2.COLOR_BGR2RGB)
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], small[None])
    interpreter.invoke()
    boxes, classes, scores, count = (
        interpreter.get_tensor(detail["index"])[0] for detail in interpreter.get_output_details()
    )
    names = labels.read_text(encoding="utf-8").split()[1:]
    assert int(count) == 10

    sidecar = detector_sidecar(model, labels).model_copy(update={"score_threshold": 0.0})
    found = [
        (seen.label, seen.score, np.array([seen.box.top_px, seen.box.left_px, seen.box.bottom_px, seen.box.right_px]))
        for seen in Detector(model, sidecar=sidecar).look(street)
    ]
    assert [label for label, _, _ in found] == [names[int(classes[k])] for k in range(10)]
    assert [score for _, score, _ in found] == pytest.approx(scores.tolist())
    scale = np.array([240, 320, 240, 320])
    assert np.array([box for _, _, box in found]) == pytest.approx(np.clip(boxes, 0, 1) * scale, abs=0.01)


def test_it_sees_signs(model: Path, labels: Path, street: Picture) -> None:
    """Only that something is seen where signs are: which list its class numbers follow is not known for certain."""
    found = Detector(model, labels=labels).look(street)
    middles = [((s.box.left_px + s.box.right_px) / 2, (s.box.top_px + s.box.bottom_px) / 2) for s in found]
    assert any(abs(x - 75) < 45 and abs(y - 85) < 45 for x, y in middles)


def test_it_is_measured_beside_the_shipped_one(model: Path, street: Picture, tmp_path: Path) -> None:
    cv2.imwrite(str(tmp_path / "street.png"), street)
    notes: list[str] = []
    figures = bench_detector(DetectorBench(baseline=model, pictures=tmp_path, rounds=20), notes.append)
    assert all(figure.baseline is not None and figure.value < figure.baseline for figure in figures)
    assert "in turns with original_object_detector.tflite" in notes[0]
