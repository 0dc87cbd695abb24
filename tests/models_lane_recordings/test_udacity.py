"""Logs of the Udacity simulator, in every form in which they go round."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from models.lane.dataset import DatasetError, Frames, read_frames, read_manifest
from models.lane.recordings.exporting import export_udacity
from models.lane.recordings.importing import import_recording
from models.lane.recordings.read_udacity import read_udacity
from models.lane.recordings.udacity_format import picture_name, time_in_name
from tests.models_lane_recordings.tub_by_hand import content
from tests.models_lane_recordings.udacity_by_hand import HEADER, RELATIVE, UNIX, WINDOWS, Log, stamp, steering


def imported(log: Path, work: Path, side_correction: float = 0.2) -> Frames:
    import_recording(work / "data", read_udacity(log, side_correction))
    return read_frames([work / "data"])


FORMS = [
    Log(Path(), 20, WINDOWS),
    Log(Path(), 20, UNIX, newline="\r\n"),
    Log(Path(), 20, RELATIVE, ", ", HEADER),
    Log(Path(), 20, RELATIVE, columns=4),
    Log(Path(), 20, "", header="center,left,right,steering\n", columns=4),
    Log(Path(), 20, RELATIVE, header="\ufeff" + HEADER),
    Log(Path(), 20, "data/IMG/"),
]


@pytest.mark.parametrize("form", FORMS, ids=range(len(FORMS)))
def test_a_log_of_any_form_comes_out_byte_for_byte(tmp_path: Path, form: Log) -> None:
    form.folder = tmp_path / "log"
    log = form.write()
    frames = imported(log, tmp_path)
    assert len(frames) == 60
    assert export_udacity(tmp_path / "data", tmp_path / "out") == 20
    assert content(tmp_path / "out") == content(log)


def test_a_last_row_without_an_end_stays_so(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 30).write() / "driving_log.csv"
    log.write_bytes(log.read_bytes().rstrip(b"\n"))
    imported(log, tmp_path)
    export_udacity(tmp_path / "data", tmp_path / "out")
    assert (tmp_path / "out" / "driving_log.csv").read_bytes() == log.read_bytes()


def test_side_cameras_are_steered_back_to_the_middle_and_the_row_keeps_what_was_driven(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 8, steerings={0: "0.9", 1: "-1"}).write()
    frames = imported(log, tmp_path, 0.25)
    driven = np.array([0.9, -1.0, *(steering(row) for row in range(2, 8))])
    for camera, correction in ((0, 0.0), (1, 0.25), (2, -0.25)):
        seen = frames.steering[frames.camera == camera]
        assert np.allclose(seen, np.clip(driven + correction, -1, 1), atol=1e-5)
    export_udacity(tmp_path / "data", tmp_path / "out")
    assert (tmp_path / "out" / "driving_log.csv").read_bytes() == (log / "driving_log.csv").read_bytes()


def test_another_correction_is_another_data_set(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 8).write()
    imported(log, tmp_path, 0.2)
    with pytest.raises(DatasetError, match=r"side correction 0\.2"):
        imported(log, tmp_path, 0.3)


def test_neighbours_of_a_drive_are_of_one_camera_and_follow_each_other(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 100, stamps=[stamp(row + (1000 if row >= 40 else 0)) for row in range(100)]).write()
    frames = imported(log, tmp_path)
    length = read_manifest(tmp_path / "data").frames_per_shard
    assert length == 300 // 24
    same = frames.drive[1:] == frames.drive[:-1]
    assert np.array_equal(frames.camera[1:][same], frames.camera[:-1][same])
    for camera in range(3):
        numbers = frames.drive[frames.camera == camera]
        assert len(set(numbers[:40])) == len(set(numbers[40:])) == 1
        assert numbers[0] != numbers[-1]
    assert len(set(frames.drive)) == 6


def test_the_times_of_names_are_read_and_written(tmp_path: Path) -> None:
    assert time_in_name("IMG/left_2016_12_01_13_30_48_287.jpg") == 1480599048.287
    assert picture_name(1, 1480599048287) == "left_2016_12_01_13_30_48_287.jpg"
    assert time_in_name("left_2016_13_01_13_30_48_287.jpg") is None
    assert time_in_name("7.jpg") is None


def test_pictures_are_looked_for_only_beside_the_log(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 2, path=f"../{tmp_path.name}/secret/").write()
    (log / "IMG").rename(tmp_path / "secret")
    with pytest.raises(DatasetError, match="6 x picture is missing"):
        imported(log, tmp_path)


def test_no_log_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"driving_log\.csv cannot be read .*give a driving_log\.csv or its folder"):
        read_udacity(tmp_path)
