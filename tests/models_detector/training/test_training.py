"""From drawn pictures to an int8 file that finds them: the whole way, small."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import cv2
import keras
import numpy as np
import pytest
import tensorflow as tf

from car.perception.detector import Detection, Detector
from car.perception.tflite import TfliteModel
from models.common.card.facts import sha256
from models.detector.evaluation.evaluate import evaluate, without_threshold
from models.detector.evaluation.parity import parity
from models.detector.exporting.convert import ConversionError, convert_in_subprocess
from models.detector.exporting.export import export, export_trained
from models.detector.make import make_detector
from models.detector.network.anchors import make_anchors
from models.detector.network.answers import detections
from models.detector.pictures.boxes import DataSetError
from models.detector.pictures.example import Example
from models.detector.pictures.labels import LABELS, add_labels
from models.detector.pictures.voc import read_data_set
from models.detector.training import run_folder
from models.detector.training.data import read_crops
from models.detector.training.settings import TrainSettings
from models.detector.training.train import split, train
from tests.models_detector.drawn_pictures import SMALL_LAYOUT, write_data_set

SETTINGS = TrainSettings(
    collage_epochs=2,
    collages=80,
    epochs=3,
    batch_size=4,
    learning_rate=1.5e-2,
    layout=SMALL_LAYOUT,
    validation_share=0.05,
)


COMMAND = "pixelopolis train detector --data data"

# Keras reads its optimiser's variables in a way that numpy 2 warns about.
pytestmark = [
    pytest.mark.filterwarnings("ignore:__array__ implementation doesn't accept a copy keyword"),
    pytest.mark.timeout(600),
]


class _CutOffError(Exception):
    pass


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A finished run on drawn pictures."""
    folder = tmp_path_factory.mktemp("detector")
    write_data_set(folder / "data", 85, seed=1)
    make_detector([folder / "data"], folder / "run", SETTINGS, COMMAND)
    return folder


def history(folder: Path) -> list[list[str]]:
    return [line.split(",") for line in (folder / "history.csv").read_text(encoding="utf-8").splitlines()]


def test_the_loss_goes_down_and_is_noted(run: Path) -> None:
    rows = history(run / "run")
    assert rows[0] == ["epoch", "loss", "val_loss", "val_map50", "val_map50_95"]
    assert [row[0] for row in rows[1:]] == [str(k) for k in range(SETTINGS.collage_epochs + SETTINGS.epochs)]
    assert float(rows[-1][1]) < 0.5 * float(rows[1][1])
    assert list((run / "run" / "logs").rglob("events.out.tfevents.*"))
    assert float(rows[-1][3]) > float(rows[1][3])


def test_tensorboard_shows_precision_and_pictures_of_every_epoch(run: Path) -> None:
    (file,) = (run / "run" / "logs" / "pictures").glob("events.out.tfevents.*")
    events = [
        (event.step, value.tag)
        for event in tf.compat.v1.train.summary_iterator(str(file))
        for value in event.summary.value
    ]
    for tag in ("val_map50", "val_map50_95", "found"):
        assert [step for step, name in events if name == tag] == list(range(SETTINGS.collage_epochs + SETTINGS.epochs))


def test_in_training_a_network_is_heard_as_the_car_hears_it(run: Path) -> None:
    network = keras.models.load_model(run / "run" / "model.keras", compile=False)
    examples = read_data_set(run / "data")[:12]
    path = export(network, SMALL_LAYOUT, run / "float.tflite", read_crops(examples, SMALL_LAYOUT), float32=True)
    detector = without_threshold(Detector(path))
    raw = np.asarray(network(read_crops(examples, SMALL_LAYOUT).astype(np.float32)))
    heard = detections(raw, make_anchors(SMALL_LAYOUT), SMALL_LAYOUT, LABELS)
    for example, found in zip(examples, heard, strict=True):
        seen = detector.look(np.asarray(cv2.imread(str(example.path)), np.uint8))
        # Not rank by rank: where two are as sure as each other, rounding decides which is first.
        assert all(is_among(each, seen) for each in found[:3])
        assert all(is_among(each, found) for each in seen[:3])


def is_among(one: Detection, others: Sequence[Detection]) -> bool:
    """Whether others have the same in the same place."""
    return any(
        one.label == other.label
        and abs(one.score - other.score) < 0.02
        and abs(one.box.left_px - other.box.left_px) < 0.5
        for other in others
    )


def test_a_finished_network_is_kept_without_its_optimiser(run: Path) -> None:
    checkpoint, model = run / "run" / "checkpoint.keras", run / "run" / "model.keras"
    assert not keras.models.load_model(model).compiled
    assert model.stat().st_size < 0.8 * checkpoint.stat().st_size


@pytest.mark.slow
def test_a_run_that_was_cut_off_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_data_set(tmp_path / "data", 40, seed=1)
    settings = replace(SETTINGS, collage_epochs=1, collages=24, epochs=2)
    whole = run_folder.Checkpoint.on_epoch_end

    def cut_off(self: Any, epoch: int, logs: dict[str, float] | None = None) -> None:  # noqa: ANN401  # a keras callback
        whole(self, epoch, logs)
        if epoch == 1:
            raise _CutOffError

    monkeypatch.setattr(run_folder.Checkpoint, "on_epoch_end", cut_off)
    with pytest.raises(_CutOffError):
        train([tmp_path / "data"], tmp_path / "run", settings)
    monkeypatch.undo()
    train([tmp_path / "data"], tmp_path / "run", settings)
    assert [row[0] for row in history(tmp_path / "run")] == ["epoch", "0", "1", "2"]


def test_the_int8_file_finds_what_it_was_trained_on(run: Path) -> None:
    model, path = run / "run" / "model.keras", run / "run" / "detector.tflite"
    sidecar = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert sidecar["labels"] == list(LABELS)
    detector = Detector(path)
    examples = read_data_set(run / "data")
    frames = [Example(np.asarray(cv2.imread(str(each.path)), np.uint8), each.boxes) for each in examples]
    assert evaluate(detector, frames).whole.map50 > 0.5
    network = keras.models.load_model(model, compile=False)
    assert parity(network, SMALL_LAYOUT, detector, [frame.image for frame in frames[:20]]) >= 0.8


def test_a_picture_goes_into_the_file_as_it_is_less_128(run: Path) -> None:
    (image,) = TfliteModel(run / "run" / "detector.tflite").inputs.values()
    scale, zero_point = image["quantization"]
    assert image["dtype"] is np.int8
    assert (np.arange(-128, 128) - zero_point) * scale == pytest.approx(np.linspace(-1, 1, 256), abs=scale / 2 + 1e-6)


def test_the_card_is_that_of_the_file(run: Path) -> None:
    text = (run / "run" / "detector.md").read_text(encoding="utf-8")
    assert sha256(run / "run" / "detector.tflite") in text
    assert f"{COMMAND}\n" in text
    assert "It took " in text


def test_labels_of_ones_own_are_trained_and_told_to_the_car(tmp_path: Path) -> None:
    data, run = tmp_path / "data", tmp_path / "run"
    write_data_set(data, 18, seed=1)
    for path in (data / "Annotations").glob("*.xml"):
        path.write_text(path.read_text(encoding="utf-8").replace(">Go<", ">Giraffe<"), encoding="utf-8")
    settings = replace(SETTINGS, collage_epochs=0, epochs=1)
    with pytest.raises(DataSetError, match="unknown class 'Giraffe'"):
        train([data], run, settings)
    add_labels(data, ["Giraffe"])
    model = train([data], run, settings)
    path = export_trained(model, [data], settings, tmp_path / "detector.tflite")
    detector = Detector(path)
    assert detector.sidecar.labels == (*LABELS, "Giraffe")
    found = without_threshold(detector).look(np.zeros((80, 96, 3), np.uint8))
    assert {each.label for each in found} <= {*LABELS, "Giraffe"}
    add_labels(data, ["Zebra"])
    with pytest.raises(DataSetError, match="other labels"):
        train([data], run, settings)


def test_a_folder_with_another_run_is_not_touched(run: Path) -> None:
    other = TrainSettings(epochs=1, batch_size=8, layout=SMALL_LAYOUT)
    with pytest.raises(DataSetError, match="other settings"):
        train([run / "data"], run / "run", other)


def test_the_split_depends_on_the_seed_and_not_on_the_order(run: Path) -> None:
    examples = read_data_set(run / "data")
    first, held = split(examples, SETTINGS)
    again, _ = split(examples[::-1], SETTINGS)
    assert first == again
    assert not {example.path for example in first} & {example.path for example in held}
    assert len(first) + len(held) == len(examples)


def test_too_few_examples_are_refused(run: Path) -> None:
    with pytest.raises(DataSetError, match="too few"):
        split(read_data_set(run / "data")[:4], SETTINGS)


def test_a_failing_conversion_tells_what_the_converter_said(tmp_path: Path) -> None:
    with pytest.raises(ConversionError, match=r"does not exist|SavedModel"):
        convert_in_subprocess(tmp_path / "nothing", tmp_path / "out.tflite", None)
