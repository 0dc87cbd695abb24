"""Is a car fit to drive? Each part tried by itself, with what is found said in words."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from car import check
from car.check import check_car
from car.config import Overrides, load_config
from pixelopolis.cli import app
from tests.car.board_double import BoardDouble
from tests.car.camera_double import CameraDouble


def test_check_of_a_car_that_is_fit(config: Path) -> None:
    with CameraDouble(level=60) as camera, BoardDouble() as board:
        results = {result.part: result for result in check_car(camera.url, board.url, config)}
    assert list(results) == ["camera", "lane model", "detector", "board"]
    assert "320 x 240" in results["camera"].found
    assert "battery" in results["board"].found
    assert results["lane model"].fit
    assert results["detector"].fit


@pytest.mark.parametrize(
    ("labels", "fit", "found"),
    [
        ("Hand\nCar\n", True, "2 labels"),
        ("???\nHand\nzebra\n", True, "2 labels, 1 of them neither signs of the city nor Car and so of no use: zebra"),
        ("ant\nbee\ncow\ndog\neel\n", False, "5 labels, 5 of them .*: ant, bee, cow, dog, …"),
    ],
)
def test_check_tells_whether_a_detectors_labels_are_of_use(
    models: Path, tmp_path: Path, labels: str, fit: bool, found: str
) -> None:
    path = tmp_path / "mine.txt"
    path.write_text(labels)
    overrides = Overrides(models / "detector.tflite", path, model_threads=2)
    result = check_car("v4l2:99", "/dev/no-such-board", None, overrides)[2]
    assert (result.part, result.fit) == ("detector", fit)
    assert re.search(found + "$", result.found)


def test_check_shows_labels_as_they_are(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("[/red]\n[bold]\n")
    words = ["--camera", "v4l2:99", "--board", "/dev/no-such-board", "--labels", str(path)]
    result = CliRunner().invoke(app, ["car", "check", "--detector", str(models / "detector.tflite"), *words])
    assert result.exit_code == 1
    assert "[/red]" in result.output


def test_check_of_a_model_that_is_too_slow_says_so(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "LONGEST_LOOK_S", 0.0)
    fit, found = check.check_detector(load_config(config))
    assert not fit
    assert "ms per picture where 0 is the most that is fit, 2 labels" in found


def test_check_names_everything_that_is_wrong(tmp_path: Path) -> None:
    empty = tmp_path / "car.yaml"
    empty.write_text("lane_model: none.tflite\ndetector_model: none.tflite\n")
    results = check_car("v4l2:99", "/dev/no-such-board", empty)
    assert not any(result.fit for result in results)
    found = [result.found for result in results]
    assert "/dev/video99" in found[0]
    assert "none" in found[1]
    assert "/dev/no-such-board" in found[3]
