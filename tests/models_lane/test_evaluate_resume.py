"""A broken-off evaluation keeps what was driven and goes on with it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from models.common.workers.processes import Processes
from models.lane.evaluation.conditions import CONDITIONS
from models.lane.evaluation.crossings import Crossings
from models.lane.evaluation.drives_file import DrivesFile, DrivesFileError
from models.lane.evaluation.driving_pool import EvaluationError
from models.lane.evaluation.episodes import EpisodeResult, episodes
from models.lane.evaluation.evaluate import drive_all
from models.lane.evaluation.figures import report
from tests.models_lane.drives import TINY_MODEL, made_up_drive

PLAN = episodes(4, seed=8, seconds=2.0)


def assert_equal(one: EpisodeResult, other: EpisodeResult) -> None:
    assert replace(one, lateral_m=0, path_m=0) == replace(other, lateral_m=0, path_m=0)  # type: ignore[arg-type]
    assert np.array_equal(one.lateral_m, other.lateral_m)
    assert np.array_equal(one.path_m, other.path_m)


def test_a_drive_is_read_as_it_was_written(tmp_path: Path) -> None:
    result = made_up_drive(
        2, [0.01234, -0.1, 0.0], why="wrong_turn", seconds=3.44, condition=CONDITIONS["tilted_camera"],
        crossings=Crossings(3, 2, 1, 0), outside_s=0.36,
    )  # fmt: skip
    DrivesFile(tmp_path / "drives.jsonl", "expert").append(result)
    [found] = DrivesFile(tmp_path / "drives.jsonl", "expert").known([result.episode])
    assert_equal(found, result)


def test_only_the_same_episode_is_known(tmp_path: Path) -> None:
    result = made_up_drive(2)
    DrivesFile(tmp_path / "drives.jsonl", "expert").append(result)
    file = DrivesFile(tmp_path / "drives.jsonl", "expert")
    episode = result.episode
    others = [
        replace(episode, index=3),
        replace(episode, seed=2),
        replace(episode, seconds=30.0),
        replace(episode, city="curvy"),
        replace(episode, condition=replace(episode.condition, hardness=0.6)),
    ]
    assert file.known(others) == []
    assert len(file.known([*others, episode])) == 1


def test_what_was_driven_is_not_driven_again_and_comes_out_the_same(tmp_path: Path) -> None:
    path = tmp_path / "new" / "drives.jsonl"
    whole = drive_all(PLAN, "expert", workers=Processes(1))
    drive_all(PLAN[1:3], "expert", workers=Processes(1), resume=path)
    before = path.read_text()
    resumed = drive_all(PLAN, "expert", workers=Processes(1), resume=path)
    assert [result.episode.index for result in resumed] == [0, 1, 2, 3]
    for one, other in zip(whole, resumed, strict=True):
        assert_equal(one, other)
    assert report(whole, "expert") == report(resumed, "expert")
    after = path.read_text()
    assert after.startswith(before)
    assert after.count("\n") == 5
    assert drive_all(PLAN, "expert", workers=Processes(1), resume=path)
    assert path.read_text() == after


def test_a_line_that_was_cut_off_is_driven_again(tmp_path: Path) -> None:
    path = tmp_path / "drives.jsonl"
    drive_all(PLAN[:2], "expert", workers=Processes(1), resume=path)
    whole = path.read_text()
    path.write_text(whole[:-300])
    assert len(DrivesFile(path, "expert").known(PLAN)) == 1
    results = drive_all(PLAN[:2], "expert", workers=Processes(1), resume=path)
    assert len(results) == 2
    assert path.read_text() == whole


def test_another_drivers_drives_are_not_mixed_in(tmp_path: Path) -> None:
    path = tmp_path / "drives.jsonl"
    DrivesFile(path, "straight")
    with pytest.raises(DrivesFileError, match=r"drives\.jsonl holds drives of .*straight.*, not of expert; delete it"):
        drive_all(PLAN, "expert", workers=Processes(1), resume=path)
    with pytest.raises(DrivesFileError, match="not of"):
        DrivesFile(path, TINY_MODEL)


@pytest.mark.parametrize("text", ["nothing of the kind\n", '{"episodes": 3}\n', "{"])
def test_a_file_of_another_kind_is_left_alone(tmp_path: Path, text: str) -> None:
    path = tmp_path / "drives.jsonl"
    path.write_text(text)
    with pytest.raises(DrivesFileError, match=r"drives\.jsonl holds"):
        DrivesFile(path, "expert")
    assert path.read_text() == text


def test_a_crash_keeps_what_was_driven(tmp_path: Path) -> None:
    path = tmp_path / "drives.jsonl"
    lost = replace(PLAN[2], city="nowhere.yaml")
    with pytest.raises(EvaluationError, match=r"drive 2 .*nowhere\.yaml"):
        drive_all([*PLAN[:2], lost, PLAN[3]], "expert", workers=Processes(1), resume=path)
    assert len(DrivesFile(path, "expert").known(PLAN)) == 2
