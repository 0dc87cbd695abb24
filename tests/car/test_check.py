"""Is a car fit to drive? Each part tried by itself, with what is found said in words."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from car.check import networks
from car.check.board import check_wheels
from car.check.result import CheckResult
from car.check.run import CheckPlan, check_car
from car.config import Overrides, load_config
from firmware_bridge.emulator.board import BoardEmulator
from pixelopolis.cli import app
from tests.car.board_double import BoardDouble
from tests.car.camera_double import CameraDouble
from tests.car.server_double import ServerDouble


def test_check_of_a_car_that_is_fit(config: Path) -> None:
    with CameraDouble(level=60) as camera, BoardDouble() as board:
        results = {each.part: each for each in check_car(CheckPlan(camera.url, board.url, config_path=config))}
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
    result = list(check_car(CheckPlan("v4l2:99", "/dev/no-such-board", overrides=overrides)))[2]
    assert (result.part, result.fit) == ("detector", fit)
    assert bool(result.advice) != fit
    assert re.search(found + "$", result.found)


def test_check_shows_labels_as_they_are(models: Path, tmp_path: Path) -> None:
    path = tmp_path / "mine.txt"
    path.write_text("[/red]\n[bold]\n")
    words = ["--camera", "v4l2:99", "--board", "/dev/no-such-board", "--labels", str(path)]
    result = CliRunner().invoke(app, ["car", "check", "--detector", str(models / "detector.tflite"), *words])
    assert result.exit_code == 1
    assert "[/red]" in result.output


def test_check_of_a_model_that_is_too_slow_says_so(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(networks, "LONGEST_LOOK_S", 0.0)
    finding = networks.check_detector(load_config(config))
    assert "ms per picture, 2 labels" in finding.found
    assert finding.complaints == ("0 ms are the most: take a smaller network, more --threads or a --delegate",)


def test_check_names_everything_that_is_wrong_and_what_to_do(tmp_path: Path) -> None:
    empty = tmp_path / "car.yaml"
    empty.write_text("lane_model: none.tflite\ndetector_model: none.tflite\n")
    nowhere = "http://127.0.0.1:9"
    results = list(check_car(CheckPlan("v4l2:99", "/dev/no-such-board", nowhere, empty, turn_wheels=True)))
    assert [result.part for result in results] == ["camera", "lane model", "detector", "board", "wheels", "server"]
    assert not any(result.fit for result in results)
    assert all(result.advice for result in results)
    found = [result.found for result in results]
    assert "/dev/video99" in found[0]
    assert "none" in found[1]
    assert "/dev/no-such-board" in found[3]
    assert nowhere in found[5]


async def test_check_of_a_server_tells_its_city(config: Path) -> None:
    async with ServerDouble() as server:
        plan = CheckPlan("v4l2:99", "/dev/no-such-board", server.url, config)
        results = await asyncio.to_thread(lambda: list(check_car(plan)))
    assert results[-1].part == "server"
    assert results[-1].fit
    assert results[-1].found.startswith("city pixelopolis, after ")


def check_board_with(change: Callable[[BoardEmulator], object], *, wheels: bool = False) -> CheckResult:
    with BoardDouble() as board:
        change(board.emulator)
        plan = CheckPlan("v4l2:99", board.url, turn_wheels=wheels)
        return list(check_car(plan))[-1]


def test_check_of_a_weak_battery_says_to_swap_it() -> None:
    result = check_board_with(lambda emulator: setattr(emulator.battery, "charge", 0.12))
    assert not result.fit
    assert result.advice.endswith("swap the battery")


def test_check_turns_each_wheel_forwards_and_back() -> None:
    result = check_board_with(lambda _: None, wheels=True)
    assert (result.part, result.fit, result.advice) == ("wheels", True, "")
    assert re.fullmatch(r"left \+1\.\d and -1\.\d rad, right \+1\.\d and -1\.\d rad", result.found)


def test_check_asks_who_looks_at_the_wheels() -> None:
    asked = []

    def no(question: str) -> bool:
        asked.append(question)
        return False

    with BoardDouble() as board:
        finding = check_wheels(board.url, no)
        assert board.fastest_wheel_rad_s < 0.1
    assert [re.findall("left|right", question) for question in asked] == [["left"], ["right"]]
    assert [complaint[:30] for complaint in finding.complaints] == [
        "it was not the left wheel that",
        "it was not the right wheel tha",
    ]


def test_check_notices_a_wheel_that_is_stuck() -> None:
    def stick(emulator: BoardEmulator) -> None:
        emulator.left.gain = 0.0

    result = check_board_with(stick, wheels=True)
    assert not result.fit
    assert result.advice.startswith("the left wheel does not turn as told")
