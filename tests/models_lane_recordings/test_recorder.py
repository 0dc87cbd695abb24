"""Recording a drive: what is kept, and that the data set is whole whenever it ends."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from car.perception.sidecar import COMMANDS
from city.city import Command
from models.lane.dataset import DatasetError, Frames, Manifest, open_for_writing, read_frames, read_manifest, shard_path
from models.lane.recordings.car_stream import CarStreamError, DrivenPicture
from models.lane.recordings.exporting import export_tub, export_udacity
from models.lane.recordings.growing import FRAMES_PER_SHARD
from models.lane.recordings.importing import import_recording
from models.lane.recordings.originals import originals_path
from models.lane.recordings.pictures import decoded, shrunk
from models.lane.recordings.read_tub import read_tub
from models.lane.recordings.recorder import record_drive
from tests.models_lane_recordings.driven import UNIX_MS, driven, steered
from tests.models_lane_recordings.tub_by_hand import alive_records, jpeg


def drive(count: int, first: int = 0) -> Iterator[DrivenPicture]:
    return (driven(first + k) for k in range(count))


def lost_after(count: int, first: int = 0) -> Iterator[DrivenPicture]:
    yield from drive(count, first)
    raise CarStreamError("car http://car: lost (timed out)")


def test_a_drive_becomes_frames(tmp_path: Path) -> None:
    recorded = record_drive(tmp_path, drive(150))
    assert (recorded.new_frames, recorded.missed, recorded.standing) == (150, 0, 0)
    frames = read_frames([tmp_path])
    assert np.allclose(frames.steering, [steered(k) for k in range(150)])
    assert np.array_equal(frames.picture[77], shrunk(decoded(jpeg(77, 320, 240))))
    assert np.isnan(frames.lateral_m).all()
    assert np.isnan(frames.heading_rad).all()
    assert set(frames.drive) == {0}
    assert read_manifest(tmp_path) == Manifest(0, 150, FRAMES_PER_SHARD, "car")
    assert json.loads((tmp_path / "summary.json").read_text()) == recorded.summary


def test_commands_are_those_that_the_model_was_given(tmp_path: Path) -> None:
    commands = [Command.FOLLOW, Command.LEFT, Command.LEFT, Command.RIGHT, Command.FORWARD]
    record_drive(tmp_path, [driven(k, command=command) for k, command in enumerate(commands)])
    assert [COMMANDS[k] for k in read_frames([tmp_path]).command] == commands


def test_a_standing_car_is_left_out_and_a_long_stop_ends_the_drive(tmp_path: Path) -> None:
    speeds = [0.0] * 10 + [0.1] * 20 + [0.005] * 10 + [0.1] * 20 + [0.0] * 30 + [0.1] * 20
    recorded = record_drive(tmp_path, [driven(k, speed_mps=speed) for k, speed in enumerate(speeds)])
    assert (recorded.new_frames, recorded.standing, recorded.missed) == (60, 50, 0)
    assert list(read_frames([tmp_path]).drive) == [0] * 40 + [1] * 20


def test_missed_pictures_are_counted_and_do_not_end_the_drive(tmp_path: Path) -> None:
    recorded = record_drive(tmp_path, [driven(k) for k in (3, 4, 7, 8, 20)])
    assert (recorded.new_frames, recorded.missed) == (5, 13)
    assert set(read_frames([tmp_path]).drive) == {0}


def test_a_pause_begins_another_drive(tmp_path: Path) -> None:
    pictures = [driven(0), driven(1), driven(2, captured_s=150.0), driven(3, captured_s=150.04)]
    record_drive(tmp_path, pictures)
    assert list(read_frames([tmp_path]).drive) == [0, 0, 1, 1]


def test_a_broken_picture_is_counted_and_left_out(tmp_path: Path) -> None:
    pictures = [driven(0), driven(1, picture=jpeg(1)[:-40]), driven(2)]
    recorded = record_drive(tmp_path, pictures)
    assert recorded.new_frames == 2
    assert recorded.problems.lines()[0] == "1 x picture is cut off, for example picture 1 of the camera"


def test_it_ends_by_number_and_by_time(tmp_path: Path) -> None:
    recorded = record_drive(tmp_path / "a", drive(200), count=70)
    assert (recorded.new_frames, recorded.ended) == (70, "70 frames are recorded")
    recorded = record_drive(tmp_path / "b", drive(200), seconds=2)
    assert (recorded.new_frames, recorded.ended) == (51, "2 s are over")


def test_it_ends_when_it_is_asked_to(tmp_path: Path) -> None:
    asked = iter([False] * 9 + [True])
    recorded = record_drive(tmp_path, drive(200), stopping=lambda: next(asked))
    assert (recorded.new_frames, recorded.ended) == (10, "stopped")
    assert len(read_frames([tmp_path])) == 10


def test_a_lost_car_leaves_a_whole_data_set(tmp_path: Path) -> None:
    recorded = record_drive(tmp_path, lost_after(100))
    assert (recorded.new_frames, recorded.ended) == (100, "car http://car: lost (timed out)")
    assert len(read_frames([tmp_path])) == 100


def test_a_failure_of_another_kind_keeps_what_has_come(tmp_path: Path) -> None:
    def failing() -> Iterator[DrivenPicture]:
        yield from drive(10)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record_drive(tmp_path, failing())
    assert len(read_frames([tmp_path])) == 10


def test_a_rerun_appends(tmp_path: Path) -> None:
    for first, count in ((0, 50), (1000, 50), (2000, 28), (3000, 1)):
        record_drive(tmp_path, drive(count, first))
    frames = read_frames([tmp_path])
    assert np.allclose(
        frames.steering, [steered(f + k) for f, n in ((0, 50), (1000, 50), (2000, 28), (3000, 1)) for k in range(n)]
    )
    assert list(frames.drive) == [0] * 50 + [1] * 50 + [2] * 28 + [3]
    assert read_manifest(tmp_path).shard_count == 3
    assert sorted(path.name for path in tmp_path.glob("*-*.npz")) == [
        *(f"originals-{k:05d}.npz" for k in range(3)), *(f"shard-{k:05d}.npz" for k in range(3)),
    ]  # fmt: skip


def test_a_rerun_with_nothing_new_leaves_what_is_there(tmp_path: Path) -> None:
    record_drive(tmp_path, drive(70))
    recorded = record_drive(tmp_path, [driven(99, speed_mps=0.0)])
    assert (recorded.new_frames, recorded.summary["frames"]) == (0, 70)


def same(one: Frames, other: Frames) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name), equal_nan=getattr(one, name).dtype.kind == "f")
        for name in Frames.__slots__
    )


def test_what_was_cut_off_is_made_of_the_originals(tmp_path: Path) -> None:
    """As if power had gone: the originals are written first, the manifest last."""
    record_drive(tmp_path, drive(150))
    whole = read_frames([tmp_path])
    shard_path(tmp_path, 0).unlink()  # or somebody has deleted a damaged one
    shard_path(tmp_path, 2).unlink()
    manifest = tmp_path / "manifest.json"
    manifest.write_text(manifest.read_text().replace("150", "128"))
    record_drive(tmp_path, [driven(0, speed_mps=0.0)])
    assert same(read_frames([tmp_path]), whole)
    manifest.unlink()
    record_drive(tmp_path, [driven(5)])
    assert same(read_frames([tmp_path]).only(slice(150)), whole)
    assert len(read_frames([tmp_path])) == 151


def test_nothing_recorded_is_an_error_that_says_why(tmp_path: Path) -> None:
    with pytest.raises(
        DatasetError, match=r"not a single frame .*stream has ended; 20 pictures came while the car stood"
    ):
        record_drive(tmp_path, [driven(k, speed_mps=0.0) for k in range(20)])


def test_another_data_set_is_not_appended_to(tmp_path: Path) -> None:
    open_for_writing(tmp_path, Manifest(1, 10, 5, "expert"))
    with pytest.raises(DatasetError, match=r"holds no recorded drives \(expert\); give another folder"):
        record_drive(tmp_path, drive(5))


def test_a_recording_becomes_a_tub_with_the_cars_own_pictures(tmp_path: Path) -> None:
    data = tmp_path / "data"
    for first in (0, 1000, 2000):
        record_drive(data, (driven(first + k, command=Command.LEFT) for k in range(500)))
    assert export_tub(data, tmp_path / "tub") == 1500
    records = alive_records(tmp_path / "tub")
    assert [one["_index"] for one in records] == list(range(1500))
    for k in (0, 499, 500, 1499):
        sequence = k // 500 * 1000 + k % 500
        one = records[k]
        assert (tmp_path / "tub" / "images" / one["cam/image_array"]).read_bytes() == jpeg(sequence, 320, 240)
        assert one["user/angle"] == steered(sequence)
        assert one["_timestamp_ms"] == UNIX_MS + 100_000 + 40 * sequence
        assert one["user/throttle"] == pytest.approx(0.7)
        assert one["pixelopolis/command"] == "left"
        assert one["_session_id"] == f"25-11-24_{k // 500}"
    lines = [json.loads(line) for line in (tmp_path / "tub" / "manifest.json").read_text().splitlines()]
    assert lines[3]["sessions"]["all_full_ids"] == ["25-11-24_0", "25-11-24_1", "25-11-24_2"]
    assert lines[4]["paths"] == ["catalog_0.catalog", "catalog_1.catalog"]
    recording = read_tub(tmp_path / "tub")
    import_recording(tmp_path / "again", recording)
    assert recording.problems.total == 0
    assert same(read_frames([tmp_path / "again"]), read_frames([data]))


def test_a_recording_becomes_a_log(tmp_path: Path) -> None:
    record_drive(tmp_path / "data", drive(5))
    export_udacity(tmp_path / "data", tmp_path / "log")
    row = (tmp_path / "log" / "driving_log.csv").read_text().splitlines()[2]
    assert row == f"IMG/center_2025_11_24_16_01_40_080.jpg,,,{steered(2)},0.7,0,0.313171"
    assert originals_path(tmp_path / "data", 0).exists()
