"""The detector's card: written by training, completed by evaluation, true of its file."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

import pytest

from models.common.card.sections import Card
from models.detector.card.figures import add_drives, add_report
from models.detector.card.write import Making, write_card
from models.detector.evaluation.average_precision import Precision
from models.detector.evaluation.evaluate import Report
from models.detector.pictures.example import Slice
from models.detector.shipped import SHIPPED_DETECTOR
from models.detector.training.run_folder import Effort
from models.detector.training.settings import TrainSettings
from models.latency import Latency
from tests.models_detector.drawn_pictures import write_data_set

REPORT = Report(
    whole=Precision(
        0.91,
        0.72,
        {"Go": {"ap50": 0.88, "ap50_95": 0.7, "objects": 4}, "Car": {"ap50": 0.94, "ap50_95": 0.74, "objects": 6}},
        5,
    ),
    slices={Slice.DARK: Precision(0.8, 0.6, {"Go": {"ap50": 0.8, "ap50_95": 0.6, "objects": 2}}, 3)},
    latency=Latency.of([1.0, 2.0, 3.0]),
)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    for suffix in (".tflite", ".json"):
        shutil.copy(SHIPPED_DETECTOR.with_suffix(suffix), tmp_path)
    return tmp_path / SHIPPED_DETECTOR.name


@pytest.fixture
def card(model: Path, tmp_path: Path) -> Path:
    write_data_set(tmp_path / "data" / "signs", 3, seed=1)
    data = [tmp_path / "data" / "signs"]
    command = "pixelopolis train detector --data data/signs"
    return write_card(
        model,
        Making(data, TrainSettings(seed=7), 123_456, command, Effort(4000.0, "tensorflow on 2 cores"), None, 0.98),
    )


def test_a_card_says_what_the_file_is_and_how_to_make_it_again(card: Path, model: Path) -> None:
    text = card.read_text(encoding="utf-8")
    assert [section.title for section in Card.parse(text).sections] == ["File", "Recipe", "Limits"]
    assert hashlib.sha256(model.read_bytes()).hexdigest() in text
    for fact in (
        "19 kinds of signs and cars",
        "| int8, 320 x 192 RGB | int8 |",
        "123,456 parameters",
        "| `data/signs` | 3 |",
        "random weights, seed 7",
        '"learning_rate": 0.006',
        "1 h 6 min, with tensorflow on 2 cores",
        "pixelopolis train detector --data data/signs\n```",
        "in 98 % of",
    ):
        assert fact in text


def test_evaluation_adds_its_figures_once(card: Path) -> None:
    for _ in range(2):
        add_report(card, REPORT, "pixelopolis evaluate detector --count 5")
        add_drives(card, ["3 rides, 1.0 minutes"], "pixelopolis evaluate detector --drives 1")
    text = card.read_text(encoding="utf-8")
    titles = [section.title for section in Card.parse(text).sections]
    assert titles == ["File", "Recipe", "Held-out pictures", "In use", "Limits"]
    assert "5 pictures with 10 objects: **mAP50 0.910, mAP50:95 0.720**" in text
    assert text.index("| Car | 0.940 | 0.740 | 6 |") < text.index("| Go | 0.880 | 0.700 | 4 |")
    assert "| dark | 0.800 | 0.600 | 2 | 3 |" in text
    assert "2.0 ms in the median" in text
    assert text.count("3 rides, 1.0 minutes") == 1


def test_a_new_file_starts_a_new_card(card: Path, model: Path, tmp_path: Path) -> None:
    add_report(card, REPORT, "pixelopolis evaluate detector --count 5")
    begun = tmp_path / "first" / "model.keras"
    effort = Effort(70.0, "jax on gpu:0")
    write_card(model, Making([tmp_path / "data" / "signs"], TrainSettings(), 1, "again", effort, begun, 1.0))
    text = card.read_text(encoding="utf-8")
    assert "Held-out pictures" not in text
    assert "the weights of `model.keras`" in text
    assert "It took 1 min 10 s, with jax on gpu:0." in text
