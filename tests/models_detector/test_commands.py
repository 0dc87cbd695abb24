from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from models.detector.pictures.labels import LABELS
from models.detector.pictures.staging import HELD_OUT_SEED
from models.detector.pictures.voc import read_data_set
from pixelopolis.commands.collect_signs import collect_signs
from pixelopolis.commands.evaluate_detector import evaluate_detector
from pixelopolis.commands.train_detector import train_detector
from pixelopolis.errors import UsageError
from tests.models_detector.drawn_pictures import write_data_set

RUNNER = CliRunner()


@pytest.fixture
def app() -> typer.Typer:
    app = typer.Typer()
    app.command("collect")(collect_signs)
    app.command("train")(train_detector)
    app.command("evaluate")(evaluate_detector)
    return app


def test_collect_writes_a_data_set_and_nothing_to_standard_output(app: typer.Typer, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["collect", "--out", str(tmp_path), "--count", "2", "--seed", "4"])
    assert result.exit_code == 0, result.output
    assert result.stdout == ""
    assert len(read_data_set(tmp_path)) == 2


def test_evaluate_writes_json_and_only_json(app: typer.Typer) -> None:
    result = RUNNER.invoke(app, ["evaluate", "--count", "6", "--seed", str(HELD_OUT_SEED), "--json", "-"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert 0 <= figures["map50_95"] <= figures["map50"] <= 1
    assert set(figures["per_class"]) <= set(LABELS)
    assert figures["images"] == 6


def test_evaluate_takes_pictures_that_somebody_labelled(app: typer.Typer, tmp_path: Path) -> None:
    for number in (1, 2):
        write_data_set(tmp_path / f"photos-{number}", 3, seed=number)
    words = [word for number in (1, 2) for word in ("--data", str(tmp_path / f"photos-{number}"))]
    result = RUNNER.invoke(app, ["evaluate", *words, "--json", "-"])
    assert result.exit_code == 0, result.output
    figures = json.loads(result.stdout)
    assert figures["images"] == 6
    assert figures["data"] == [str(tmp_path / "photos-1"), str(tmp_path / "photos-2")]
    assert "seed" not in figures


def test_evaluating_drives_on_pictures_is_wrong_usage(app: typer.Typer, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["evaluate", "--data", str(tmp_path), "--drives", "1"])
    assert isinstance(result.exception, UsageError)


def test_training_without_data_says_how_to_make_some(app: typer.Typer, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["train", "--data", str(tmp_path), "--out", str(tmp_path / "run")])
    assert isinstance(result.exception, UsageError)
    assert "collect signs" in str(result.exception)


def test_evaluating_a_file_that_is_not_there_is_wrong_usage(app: typer.Typer, tmp_path: Path) -> None:
    result = RUNNER.invoke(app, ["evaluate", "--model", str(tmp_path / "none.tflite")])
    assert isinstance(result.exception, UsageError)
    assert "none" in str(result.exception)


def test_wrong_usage_is_status_2(app: typer.Typer) -> None:
    assert RUNNER.invoke(app, ["collect", "--count", "0"]).exit_code == 2
