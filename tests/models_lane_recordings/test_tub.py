"""Donkeycar tubs: what goes in comes out byte for byte, and training sees what was driven."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from car.perception.lane import lane_picture
from models.lane.dataset import DatasetError, Frames, read_frames, read_manifest, shard_path
from models.lane.recordings.exporting import export_tub
from models.lane.recordings.importing import import_recording
from models.lane.recordings.originals import originals_path
from models.lane.recordings.read_tub import read_tub
from models.lane.variants import WHOLE_PICTURE
from tests.models_lane_recordings.tub_by_hand import INPUTS, TYPES, Tub, content, jpeg, record


def there_and_back(tub: Path, work: Path) -> Path:
    import_recording(work / "data", read_tub(tub))
    export_tub(work / "data", work / "out")
    return work / "out"


def frames_of(tub: Path, work: Path) -> Frames:
    import_recording(work / "data", read_tub(tub))
    return read_frames([work / "data"])


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_tub_of_several_catalogs_comes_out_byte_for_byte(tmp_path: Path, newline: str) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(45)], max_len=20, newline=newline).write()
    assert content(there_and_back(tub, tmp_path)) == content(tub)


def test_deleted_records_are_not_learnt_but_come_out(tmp_path: Path) -> None:
    deleted = [9, 3, 4, 29, 0]
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)], deleted=deleted, max_len=10).write()
    out = there_and_back(tub, tmp_path)
    frames = read_frames([tmp_path / "data"])
    alive = [k for k in range(30) if k not in deleted]
    assert np.allclose(frames.steering, [record(k)["user/angle"] for k in alive])
    assert content(out) == content(tub)


def test_every_field_is_kept_whatever_it_is(tmp_path: Path) -> None:
    inputs = [*INPUTS, "cam/image_array_b", "cam/depth", "imu/acl_x", "lap", "enc", "note", "on"]
    types = [*TYPES, "image_array", "gray16_array", "float", "int", "vector", "str", "boolean"]
    more: list[dict[str, Any]] = [
        {
            "cam/image_array_b": f"{k}_cam_image_array_b_.jpg",
            "cam/depth": f"{k}_cam_depth_.jpg",
            "imu/acl_x": 1e-17 * k,
            "lap": 10**18 + k,
            "enc": [1.5, k, None],
            "note": "Zürich — \u2028 \U0001f697",
            "on": k % 2 == 0,
            "unknown": {"a": [1, {"b": None}]},
        }
        for k in range(6)
    ]
    tub = Tub(tmp_path / "tub", [record(k, **more[k]) for k in range(6)], inputs=inputs, types=types).write()
    (tub / "depths").mkdir()
    for k in range(6):
        (tub / "images" / f"{k}_cam_image_array_b_.jpg").write_bytes(jpeg(100 + k))
        with (tub / "depths" / f"{k}_cam_depth_.jpg.npz").open("wb") as file:
            np.savez_compressed(file, img=np.full((4, 5), k, np.uint16))
    assert content(there_and_back(tub, tmp_path)) == content(tub)


def test_training_sees_the_picture_as_a_car_would(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(5)]).write()
    frames = frames_of(tub, tmp_path)
    assert frames.picture.shape == (5, 80, 120, 3)
    for k in range(5):
        whole = cv2.imread(str(tub / "images" / f"{k}_cam_image_array_.jpg"))
        assert whole is not None
        assert np.array_equal(frames.picture[k], lane_picture(whole, WHOLE_PICTURE))
    assert np.allclose(frames.steering, [record(k)["user/angle"] for k in range(5)])
    assert np.isnan(frames.lateral_m).all()
    assert np.isnan(frames.heading_rad).all()
    assert not frames.command.any()
    assert not frames.camera.any()
    assert set(frames.drive) == {0}


def test_a_gap_in_index_session_or_time_begins_another_drive(tmp_path: Path) -> None:
    records = [record(k) for k in range(20)]
    for k in range(5, 20):
        records[k]["_session_id"] = "24-05-06_1"
    for k in range(12, 20):
        records[k]["_timestamp_ms"] += 60_000
    for k in range(17, 20):
        records[k]["_timestamp_ms"] -= 90_000  # somebody set the clock
    tub = Tub(tmp_path / "tub", records, deleted=[8]).write()
    assert list(frames_of(tub, tmp_path).drive) == [0] * 5 + [1] * 3 + [2] * 3 + [3] * 5 + [4] * 3


def test_a_command_that_this_project_has_written_is_read_again(tmp_path: Path) -> None:
    records = [record(k, **{"pixelopolis/command": name}) for k, name in enumerate(["left", "right", "up", "forward"])]
    assert list(frames_of(Tub(tmp_path / "tub", records).write(), tmp_path).command) == [2, 3, 0, 1]


def test_a_rerun_makes_only_what_lacks(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(60)]).write()
    first = frames_of(tub, tmp_path)
    data = tmp_path / "data"
    assert read_manifest(data).frames_per_shard == 2
    before = {path: path.stat().st_mtime_ns for path in data.glob("*-*.npz")}
    shard_path(data, 3).unlink()
    originals_path(data, 7).unlink()
    (data / "shard-00003.part").write_bytes(b"half")
    again = frames_of(tub, tmp_path)
    for name in Frames.__slots__:
        assert np.array_equal(
            getattr(first, name), getattr(again, name), equal_nan=getattr(first, name).dtype.kind == "f"
        )
    made = {path.name for path, time_ns in before.items() if path.stat().st_mtime_ns != time_ns}
    assert made == {"shard-00003.npz", "originals-00003.npz", "shard-00007.npz", "originals-00007.npz"}
    assert not list(data.glob("*.part"))


def test_another_tub_is_not_mixed_in(tmp_path: Path) -> None:
    frames_of(Tub(tmp_path / "a", [record(k) for k in range(30)]).write(), tmp_path)
    with pytest.raises(DatasetError, match=r"manifest\.json was made with"):
        frames_of(Tub(tmp_path / "b", [record(k, note=1) for k in range(30)]).write(), tmp_path)


def test_a_tub_is_not_written_over(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(3)]).write()
    there_and_back(tub, tmp_path)
    with pytest.raises(DatasetError, match=r"manifest\.json exists already; give another folder"):
        export_tub(tmp_path / "data", tmp_path / "out")


def test_originals_are_not_read_by_training(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)]).write()
    before = frames_of(tub, tmp_path)
    for path in (tmp_path / "data").glob("originals*"):
        path.unlink()
    assert np.array_equal(read_frames([tmp_path / "data"]).picture, before.picture)


def test_lost_originals_are_named(tmp_path: Path) -> None:
    import_recording(tmp_path / "data", read_tub(Tub(tmp_path / "tub", [record(k) for k in range(30)]).write()))
    originals_path(tmp_path / "data", 4).write_bytes(b"no zip")
    with pytest.raises(DatasetError, match=r"originals-00004\.npz cannot be read .* import the recording again"):
        export_tub(tmp_path / "data", tmp_path / "out")
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_originals_whose_names_lead_elsewhere_are_refused(tmp_path: Path) -> None:
    import_recording(tmp_path / "data", read_tub(Tub(tmp_path / "tub", [record(0)]).write()))
    path = originals_path(tmp_path / "data", 0)
    with np.load(path) as arrays:
        index, data = json.loads(arrays["index"].tobytes()), arrays["data"]
    index["records"][0]["files"][0][0] = index["frames"][0][1] = "images/../../stolen.jpg"
    np.savez(path, index=np.frombuffer(json.dumps(index).encode(), np.uint8), data=data)
    with pytest.raises(DatasetError, match=r"cannot be named 'images/\.\./\.\./stolen\.jpg'"):
        export_tub(tmp_path / "data", tmp_path / "out")
    assert not list(tmp_path.rglob("stolen.jpg"))


def test_what_is_no_tub_is_said(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="is no Donkeycar tub"):
        read_tub(tmp_path)
