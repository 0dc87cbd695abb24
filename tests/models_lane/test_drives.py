"""Frames along drives: numbered, disturbed, rescued, and the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from city.city import Command
from city.geometry import Pose
from models.common.workers.processes import Processes
from models.lane.closed_loop.journey import Moment
from models.lane.collecting.collect import collect, panoramas_in
from models.lane.collecting.drives import RESCUE_LATERAL_M, _Pushes
from models.lane.collecting.notebook import Notebook
from models.lane.dataset import Frames, read_frames, read_manifest
from models.lane.labels import LaneLabel
from pixelopolis.cli import app
from pixelopolis.errors import UsageError

SHIPPED = Path(__file__).parents[2] / "models" / "shipped"


@pytest.fixture(scope="module")
def drives(tmp_path_factory: pytest.TempPathFactory) -> Frames:
    folder = tmp_path_factory.mktemp("drives")
    collect(folder, 90, seed=5, driver="expert", workers=Processes(1), frames_per_shard=45)
    assert read_manifest(folder).source == "expert drives"
    return read_frames([folder])


def test_neighbours_of_a_drive_look_alike_and_others_do_not(drives: Frames) -> None:
    assert drives.drive.min() == 0
    small = drives.picture.astype(np.float32)
    change = np.abs(small[1:] - small[:-1]).mean(axis=(1, 2, 3))
    same = (drives.drive[1:] == drives.drive[:-1]) & (np.arange(1, 90) % 45 != 0)
    assert np.median(change[same]) < 25
    assert same.sum() > 60


def test_a_drive_stays_about_the_lane(drives: Frames) -> None:
    assert np.abs(drives.lateral_m).max() < 0.18
    assert np.abs(drives.lateral_m).std() > 0.003, "it is disturbed"


def test_who_drove_is_in_the_manifest_and_cannot_be_mixed(tmp_path: Path) -> None:
    collect(tmp_path / "model", 12, seed=5, driver=SHIPPED / "lane.tflite", workers=Processes(1), frames_per_shard=12)
    assert len(read_manifest(tmp_path / "model").source) == 64  # a checksum
    with pytest.raises(Exception, match="was made with"):
        collect(tmp_path / "model", 12, seed=5, workers=Processes(1), frames_per_shard=12)


def moment(label: LaneLabel, command: Command = Command.FOLLOW) -> Moment:
    return Moment(Pose(0.0, 0.0, 0.0), label, command)


def test_nobody_is_pushed_in_a_turn() -> None:
    pushes = _Pushes(np.random.default_rng(0))
    for command, pushed in ((Command.LEFT, False), (Command.RIGHT, False), (Command.FORWARD, True)):
        here = moment(LaneLabel(0.5, 0.0, 0.0, 1.0), command)
        assert ({pushes.applied(0.1, here) for _ in range(300)} != {0.1}) == pushed


def test_a_lost_car_is_brought_back_by_the_expert() -> None:
    pushes = _Pushes(np.random.default_rng(0))
    far, near = moment(LaneLabel(0.9, RESCUE_LATERAL_M + 0.01, 0.0, 1.0)), moment(LaneLabel(-0.2, 0.06, 0.0, 1.1))
    assert pushes.applied(-1.0, far) == 0.9
    assert pushes.applied(-1.0, near) == -0.2, "until it is back on the line"
    steered = [pushes.applied(0.1, moment(LaneLabel(0.5, 0.0, 0.0, 1.0))) for _ in range(300)]
    assert 0.1 in steered
    assert len(set(steered)) > 3, "now and then it is pushed"


def test_a_notebook_keeps_what_it_is_given() -> None:
    book = Notebook()
    frame = np.full((240, 320, 3), (10, 20, 30), np.uint8)
    book.note(frame, LaneLabel(0.5, 0.01, -0.1, 2.0), Command.LEFT, drive=3)
    frames = book.frames()
    assert frames.picture.shape == (1, 80, 120, 3)
    assert tuple(frames.picture[0, 5, 5]) == (30, 20, 10)  # red first
    assert (float(frames.steering[0]), int(frames.command[0]), int(frames.drive[0])) == (0.5, 2, 3)


def test_panoramas_of_a_folder_and_an_empty_one(tmp_path: Path) -> None:
    for name in ("b.hdr", "a.JPG", "notes.txt"):
        (tmp_path / name).write_bytes(b"x")
    assert [path.name for path in panoramas_in(tmp_path)] == ["a.JPG", "b.hdr"]
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match="holds no panorama"):
        panoramas_in(tmp_path / "empty")


def test_the_command_line_takes_the_expert_panoramas_and_names_what_is_missing(tmp_path: Path) -> None:
    sky = tmp_path / "skies" / "hall.png"
    sky.parent.mkdir()
    cv2.imwrite(str(sky), np.full((32, 64, 3), (250, 10, 10), np.uint8))
    out = str(tmp_path / "data")
    arguments = ["collect", "lane", "--out", out, "--count", "8", "--workers", "1", "--driver", "expert"]
    done = CliRunner().invoke(app, [*arguments, "--panoramas", str(sky.parent)])
    assert done.exit_code == 0, done.output
    assert read_manifest(tmp_path / "data").source == "expert drives under hall.png"
    done = CliRunner().invoke(app, ["collect", "lane", "--out", out, "--driver", "nobody.tflite"])
    assert isinstance(done.exception, UsageError)
    assert "nobody.tflite" in str(done.exception)
