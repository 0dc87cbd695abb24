"""Tries every part of a car by itself; the wheels turn only when that is asked for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from car.check import board, camera, networks, server
from car.check.result import CheckResult, tried
from car.config import Overrides, load_config


@dataclass(frozen=True, slots=True)
class CheckPlan:
    """What to try.

    Attributes:
        camera_url: as for driving.
        board_url: as for driving.
        server_url: None leaves the server out.
        config_path: the car's configuration.
        overrides: of the configuration.
        turn_wheels: the car stands on blocks, its wheels may turn.
        ask: puts a question to somebody who looks at the wheels; None if nobody does.
    """

    camera_url: str
    board_url: str
    server_url: str | None = None
    config_path: Path | None = None
    overrides: Overrides | None = None
    turn_wheels: bool = False
    ask: board.Ask | None = None


def check_car(plan: CheckPlan) -> Iterator[CheckResult]:
    """The results, each as soon as it is there; never raises for what is wrong with a part.

    Raises:
        ConfigError: if the configuration is wrong.
    """
    config = load_config(plan.config_path, plan.overrides)
    yield tried("camera", lambda: camera.check_camera(plan.camera_url), camera.ADVICE)
    yield tried("lane model", lambda: networks.check_lane_model(config), networks.ADVICE)
    yield tried("detector", lambda: networks.check_detector(config), networks.ADVICE)
    yield tried("board", lambda: board.check_board(plan.board_url), board.ADVICE)
    if plan.turn_wheels:
        yield tried("wheels", lambda: board.check_wheels(plan.board_url, plan.ask), board.ADVICE)
    if (url := plan.server_url) is not None:
        yield tried("server", lambda: server.check_server(url), server.ADVICE)
