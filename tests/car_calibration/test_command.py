"""`pixelopolis car calibrate`."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pypdfium2
import pytest
import yaml
from typer.testing import CliRunner

from car.calibration.chessboard import Chessboard
from car.config import load_config
from pixelopolis.commands.car import app
from pixelopolis.errors import UsageError
from tests.car_calibration.rendered import TrueCamera, in_hand, on_the_floor

BOARD = Chessboard(9, 6, 0.018)
CAMERA = TrueCamera()
OPTIONS = ["calibrate", "--board", "9x6", "--square-mm", "18", "--ahead-mm", "200"]


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("board")
    for number in range(14):
        cv2.imwrite(str(folder / f"{number:02d}.png"), in_hand(BOARD, CAMERA, number))
    cv2.imwrite(str(folder / "floor.png"), on_the_floor(BOARD, CAMERA, 0.2))
    return folder


def test_a_configuration_gets_its_camera_and_keeps_the_rest(pictures: Path, tmp_path: Path) -> None:
    config = tmp_path / "car.yaml"
    config.write_text("speed_scale: 0.8\ncamera:\n  height_m: 0.3\n", encoding="utf-8")
    result = CliRunner().invoke(
        app,
        [*OPTIONS, "--pictures", str(pictures), "--floor", str(pictures / "floor.png"), "--config", str(config)],
        catch_exceptions=False,
    )
    assert result.exit_code == 0, result.output
    assert "130 mm high" in result.output or "129 mm high" in result.output or "131 mm high" in result.output
    found = load_config(config)
    assert found.speed_scale == 0.8
    assert found.camera.height_m == pytest.approx(CAMERA.height_m, abs=0.003)
    assert found.camera.horizontal_fov_deg == pytest.approx(CAMERA.fov_deg, abs=0.7)
    assert found.camera.pitch_deg == pytest.approx(CAMERA.pitch_deg, abs=0.7)
    assert set(yaml.safe_load(config.read_text(encoding="utf-8"))) == {"speed_scale", "camera"}


def test_without_pictures_nothing_is_touched(pictures: Path, tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*OPTIONS, "--pictures", str(tmp_path), "--floor", str(pictures / "floor.png")])
    assert isinstance(result.exception, UsageError)
    assert "seen in 0 pictures" in str(result.exception)


def test_it_says_what_it_needs() -> None:
    result = CliRunner().invoke(app, OPTIONS)
    assert isinstance(result.exception, UsageError)
    assert "--camera" in str(result.exception)


def test_a_camera_that_is_not_there_is_named(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, [*OPTIONS, "--camera", f"file:{tmp_path / 'none.mp4'}"])
    assert isinstance(result.exception, UsageError)
    assert "none.mp4" in str(result.exception)


def test_a_file_that_is_no_picture_is_named(pictures: Path, tmp_path: Path) -> None:
    (tmp_path / "00.png").write_bytes(b"no picture")
    result = CliRunner().invoke(app, [*OPTIONS, "--pictures", str(tmp_path), "--floor", str(pictures / "floor.png")])
    assert "00.png: cannot be read" in str(result.exception)


def test_the_printed_board_is_the_one_that_is_looked_for(tmp_path: Path) -> None:
    path = tmp_path / "board.pdf"
    result = CliRunner().invoke(app, ["calibrate", "--board", "9x6", "--square-mm", "25", "--print", str(path)])
    assert result.exit_code == 0, result.output
    page = pypdfium2.PdfDocument(path)[0]
    dots_per_mm = 4
    picture = np.ascontiguousarray(page.render(scale=dots_per_mm * 25.4 / 72).to_numpy())
    corners = Chessboard(9, 6, 0.025).find(picture[..., :3])
    assert corners is not None
    grid = corners.reshape(6, 9, 2)
    assert np.diff(grid[..., 0], axis=1).mean() == pytest.approx(25 * dots_per_mm, rel=0.005)
    assert np.diff(grid[..., 1], axis=0).mean() == pytest.approx(25 * dots_per_mm, rel=0.005)


def test_a_board_larger_than_a_sheet_is_not_printed(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["calibrate", "--square-mm", "40", "--print", str(tmp_path / "board.pdf")])
    assert "larger than a sheet" in str(result.exception)
    assert not (tmp_path / "board.pdf").exists()
