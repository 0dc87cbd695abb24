"""Open loop: scores of known answers, drives that a recurrent model may remember, and data sets judged end to end."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from car.perception.lane import lane_picture
from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import CAMERAS, Frames
from models.lane.evaluation.open_loop import DEAD_ZONE, OpenLoop, listen, open_loop_report, scores
from models.lane.evaluation.open_loop_plot import draw_open_loop, longest_drive
from models.lane.variants import VARIANTS, Variant
from tests.models_lane.drives import TINY_MODEL
from tests.models_lane.frames import random_frames

steering = st.lists(st.floats(-1, 1), min_size=2, max_size=30)


def bright_frames(count: int, seed: int = 0) -> Frames:
    """Grey pictures whose brightness is the steering that the tiny model sees in them, under FOLLOW."""
    frames = random_frames(count, seed)
    frames.command[:] = COMMANDS.index(Command.FOLLOW)
    frames.steering[:] = np.linspace(-0.4, 0.4, count)
    frames.picture[:] = np.round(255 * (frames.steering + 0.5)).astype(np.uint8)[:, None, None, None]
    return frames


def test_scores_of_known_errors() -> None:
    true = np.array([0.5, -0.5, 0.0, 0.02])
    said = np.array([0.4, 0.1, 0.0, -0.02])
    found = scores(true, said)
    assert found["frames"] == 4
    assert found["mae"] == pytest.approx((0.1 + 0.6 + 0.04) / 4)
    assert found["rmse"] == pytest.approx(np.sqrt((0.01 + 0.36 + 0.0016) / 4), abs=1e-5)
    assert found["sign_agreement"] == 0.5  # the last two are within the dead zone
    assert found["correlation"] == pytest.approx(np.corrcoef(true, said)[0, 1], abs=1e-5)


def test_what_has_no_answer_is_none() -> None:
    level = scores(np.zeros(3), np.array([0.1, 0.2, 0.3]))
    assert level["correlation"] is None
    assert level["sign_agreement"] is None
    assert scores(np.array([0.1, 0.9]), np.zeros(2))["correlation"] is None


@given(steering)
def test_who_is_right_has_no_error(values: list[float]) -> None:
    true = np.array(values)
    found = scores(true, true)
    assert found["mae"] == found["rmse"] == 0
    assert found["sign_agreement"] in (1.0, None)
    assert found["sign_agreement"] is None or np.abs(true).max() > DEAD_ZONE


@given(steering)
def test_always_the_mean_does_not_beat_itself(values: list[float]) -> None:
    frames = random_frames(len(values))
    frames.steering[:] = values
    report = open_loop_report(OpenLoop(frames, np.full(len(values), float(frames.steering.astype(float).mean()))))
    assert not report["beats_constant_mean"]
    assert report["mae"] == report["constant_mean"]["mae"]


def test_the_right_answer_beats_the_mean_and_the_opposite_does_not() -> None:
    frames = bright_frames(50)
    assert open_loop_report(OpenLoop(frames, frames.steering.astype(float)))["beats_constant_mean"]
    opposite = open_loop_report(OpenLoop(frames, -frames.steering.astype(float)))
    assert not opposite["beats_constant_mean"]
    assert opposite["sign_agreement"] == 0
    assert opposite["correlation"] == pytest.approx(-1)


def test_both_errors_must_be_smaller_than_the_means() -> None:
    frames = random_frames(10)
    frames.steering[:] = [0.1, -0.1] * 5
    said = frames.steering.astype(float)
    said[0] = 1.0  # one wild answer: small on average, large squared
    report = open_loop_report(OpenLoop(frames, said))
    assert report["mae"] < report["constant_mean"]["mae"]
    assert report["rmse"] > report["constant_mean"]["rmse"]
    assert not report["beats_constant_mean"]


def test_commands_and_cameras_are_scored_apart() -> None:
    frames = random_frames(200, seed=3)
    frames.command[:] = np.arange(200) % 3
    frames.camera[:] = np.arange(200) % 2
    said = frames.steering.astype(float)
    said[frames.command == 2] += 0.3
    report = open_loop_report(OpenLoop(frames, said))
    assert list(report["commands"]) == [command.value for command in COMMANDS[:3]]
    assert list(report["cameras"]) == list(CAMERAS[:2])
    assert report["commands"]["left"]["mae"] == pytest.approx(0.3, abs=1e-5)
    assert report["commands"]["follow"]["mae"] == 0
    assert sum(part["frames"] for part in report["cameras"].values()) == report["frames"] == 200


def test_no_frames_cannot_be_judged() -> None:
    with pytest.raises(ValueError, match="no frames"):
        open_loop_report(OpenLoop(random_frames(0), np.empty(0)))


def test_a_model_is_shown_each_frame_and_its_command() -> None:
    frames = bright_frames(40)
    heard = listen(TINY_MODEL, frames)
    assert np.allclose(heard.said, frames.steering, atol=0.003)
    assert open_loop_report(heard)["beats_constant_mean"]
    frames.command[:] = COMMANDS.index(Command.RIGHT)
    assert np.allclose(listen(TINY_MODEL, frames).said, frames.steering + 0.3, atol=0.003)


@pytest.mark.parametrize("variant", VARIANTS.values(), ids=list(VARIANTS))
def test_a_sets_pictures_are_cut_as_a_variant_was_taught(variant: Variant) -> None:
    frames = random_frames(3, seed=4)
    for picture, taught in zip(frames.picture, frames.seen_by(variant).picture, strict=True):
        assert np.array_equal(lane_picture(np.ascontiguousarray(picture[..., ::-1]), variant.input), taught)


def test_a_recurrent_model_forgets_at_the_start_of_each_drive() -> None:
    frames = random_frames(9)
    frames.drive[:] = [-1, -1, 0, 0, 0, 1, 1, -1, 0]
    said = listen(TINY_MODEL.with_name("memory.tflite"), frames).said
    assert said == pytest.approx([0.1, 0.1, 0.1, 0.2, 0.3, 0.1, 0.2, 0.1, 0.1])


def test_the_longest_drive_is_shown_or_the_first_frames() -> None:
    drive = np.array([-1] * 9 + [0] * 3 + [1] * 5 + [-1] * 2 + [2] * 4, np.int32)
    assert longest_drive(drive) == slice(12, 17)
    assert longest_drive(np.full(1000, -1, np.int32)) == slice(0, 600)
    assert longest_drive(np.full(1000, 3, np.int32)) == slice(0, 600)
    assert longest_drive(np.array([5], np.int32)) == slice(0, 1)


@pytest.mark.parametrize("count", [1, 30, 900])
def test_plots_are_drawn(tmp_path: Path, count: int) -> None:
    frames = bright_frames(count)
    frames.drive[: count // 2] = 4
    paths = draw_open_loop(OpenLoop(frames, frames.steering.astype(float)), tmp_path / "new")
    assert [path.name for path in paths] == ["open_loop.png", "open_loop_series.png"]
    for path in paths:
        picture = cv2.imread(str(path))
        assert picture is not None
        assert picture.std() > 5
