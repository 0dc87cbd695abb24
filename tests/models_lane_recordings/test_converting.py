"""Data sets that come out in another form than they came in: from the simulator, and from one tool to the other."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import cv2
import numpy as np

from models.lane.dataset import Frames, Manifest, open_for_writing, read_frames, write_shard
from models.lane.recordings.exporting import export_tub, export_udacity
from models.lane.recordings.importing import import_recording
from models.lane.recordings.read_tub import read_tub
from models.lane.recordings.read_udacity import read_udacity
from tests.models_lane.frames import slanted_frames
from tests.models_lane_recordings.tub_by_hand import Tub, alive_records, content, jpeg, record
from tests.models_lane_recordings.udacity_by_hand import Log, steering


def simulated(folder: Path) -> Frames:
    """A data set as the simulator makes it: 24 single pictures, then a drive of 24."""
    for shard in open_for_writing(folder, Manifest(5, 48, 24, "expert")):
        frames = slanted_frames(24, seed=shard)
        frames.drive[:] = shard - 1
        write_shard(folder, shard, frames, "pixelopolis")
    return read_frames([folder])


def test_a_simulated_data_set_becomes_a_tub_that_is_read_again(tmp_path: Path) -> None:
    before = simulated(tmp_path / "data")
    assert export_tub(tmp_path / "data", tmp_path / "tub") == 48
    records = alive_records(tmp_path / "tub")
    assert [one["_index"] for one in records] == list(range(48))
    assert np.allclose([one["user/angle"] for one in records], before.steering, atol=1e-7)
    lines = [json.loads(line) for line in (tmp_path / "tub" / "manifest.json").read_text().splitlines()]
    assert dict(zip(lines[0], lines[1], strict=True))["cam/image_array"] == "image_array"
    assert set(records[0]) - {"_index", "_session_id", "_timestamp_ms"} == set(lines[0])
    about = json.loads((tmp_path / "tub" / "catalog_0.catalog_manifest").read_text())
    catalog = (tmp_path / "tub" / "catalog_0.catalog").read_bytes()
    assert np.array_equal(np.cumsum(about["line_lengths"]), [k + 1 for k, byte in enumerate(catalog) if byte == 10])

    import_recording(tmp_path / "again", read_tub(tmp_path / "tub"))
    after = read_frames([tmp_path / "again"])
    assert np.array_equal(after.steering, before.steering)
    assert np.array_equal(after.command, before.command)
    # JPEG changes a smooth picture little; the single pictures are apart and the drive is together.
    assert np.abs(after.picture.astype(int) - before.picture).mean() < 3
    assert len(set(after.drive[:24])) == 24
    assert len(set(after.drive[24:])) == 1


def test_exporting_again_gives_the_same(tmp_path: Path) -> None:
    simulated(tmp_path / "data")
    for name in ("a", "b"):
        export_tub(tmp_path / "data", tmp_path / name)
        export_udacity(tmp_path / "data", tmp_path / f"{name}-log")
    assert content(tmp_path / "a") == content(tmp_path / "b")
    assert content(tmp_path / "a-log") == content(tmp_path / "b-log")


def test_a_simulated_data_set_becomes_a_log_of_centre_pictures(tmp_path: Path) -> None:
    before = simulated(tmp_path / "data")
    assert export_udacity(tmp_path / "data", tmp_path / "log") == 48
    with (tmp_path / "log" / "driving_log.csv").open(newline="") as file:
        rows = list(csv.reader(file))
    assert {len(row) for row in rows} == {7}
    for row, steered in zip(rows, before.steering, strict=True):
        assert np.float32(row[3]) == steered
        assert row[1:3] == ["", ""]
        picture = cv2.imread(str(tmp_path / "log" / row[0]))
        assert picture is not None
        assert picture.shape == (80, 120, 3)
    recording = read_udacity(tmp_path / "log")
    import_recording(tmp_path / "again", recording)
    assert recording.problems.total == 0
    after = read_frames([tmp_path / "again"])
    assert np.array_equal(after.steering, before.steering)
    assert not after.camera.any()
    assert len(set(after.drive)) == 25


def test_a_tub_becomes_a_log_with_its_own_pictures(tmp_path: Path) -> None:
    records = [record(k, **{"user/throttle": 0.5 - k / 10}) for k in range(10)]
    records[4]["_timestamp_ms"] = records[3]["_timestamp_ms"]  # names need times that differ
    records[5]["_timestamp_ms"] = 1e300
    tub = Tub(tmp_path / "tub", records).write()
    import_recording(tmp_path / "data", read_tub(tub))
    export_udacity(tmp_path / "data", tmp_path / "log")
    rows = (tmp_path / "log" / "driving_log.csv").read_text().splitlines()
    assert rows[0] == "IMG/center_2024_05_06_10_06_40_000.jpg,,,0.0,0.5,0,0.0"
    pictures = [(tmp_path / "log" / row.split(",")[0]).read_bytes() for row in rows]
    assert pictures == [jpeg(k) for k in range(10)]
    assert [float(row.split(",")[4]) for row in rows] == [max(0.0, 0.5 - k / 10) for k in range(10)]


def test_a_log_becomes_a_tub_with_the_side_cameras_corrected(tmp_path: Path) -> None:
    log = Log(tmp_path / "log", 24).write()
    import_recording(tmp_path / "data", read_udacity(log))
    export_tub(tmp_path / "data", tmp_path / "tub")
    records = alive_records(tmp_path / "tub")
    assert len(records) == 72
    found = {
        (tmp_path / "tub" / "images" / one["cam/image_array"]).read_bytes(): (one["user/angle"], one["user/throttle"])
        for one in records
    }
    for row in range(24):
        for camera, correction in ((0, 0.0), (1, 0.2), (2, -0.2)):
            angle, throttle = found[jpeg(3 * row + camera, 320, 160)]
            assert np.isclose(angle, np.clip(steering(row) + correction, -1, 1), atol=1e-5)
            assert np.isclose(throttle, 0.1 * (row % 10))
    recording = read_tub(tmp_path / "tub")
    import_recording(tmp_path / "again", recording)
    assert recording.problems.total == 0
