"""Damaged recordings: every problem is counted by kind with its place, and what is good is taken and comes out."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest

from models.lane.dataset import DatasetError, read_frames, read_split
from models.lane.recordings.exporting import export_tub, export_udacity
from models.lane.recordings.importing import import_recording
from models.lane.recordings.read_tub import read_tub
from models.lane.recordings.read_udacity import read_udacity
from models.lane.recordings.recording import Recording
from tests.models_lane_recordings.tub_by_hand import Tub, alive_records, content, jpeg, record
from tests.models_lane_recordings.udacity_by_hand import Log, stamp

COUNT = 40


def sound_tub(tmp_path: Path) -> Path:
    return Tub(tmp_path / "tub", [record(k) for k in range(COUNT)], max_len=16).write()


def picture(tub: Path, index: int) -> Path:
    return tub / "images" / f"{index}_cam_image_array_.jpg"


def change_lines(path: Path, change: Callable[[list[str]], object]) -> None:
    lines = path.read_text().splitlines()
    change(lines)
    path.write_text("\n".join(lines) + "\n")


def with_angle(tub: Path, place: int, angle: str) -> None:
    """Replace a record's steering by some JSON."""
    path, place = tub / f"catalog_{place // 16}.catalog", place % 16

    def change(lines: list[str]) -> None:
        lines[place] = json.dumps({**json.loads(lines[place]), "user/angle": "HERE"}).replace('"HERE"', angle)

    change_lines(path, change)


def damage_picture(tub: Path) -> None:
    picture(tub, 5).write_bytes(b"this is no picture")


def cut_picture(tub: Path) -> None:
    picture(tub, 5).write_bytes(jpeg(5)[:900])


def empty_picture(tub: Path) -> None:
    picture(tub, 5).write_bytes(b"")


def lose_picture(tub: Path) -> None:
    picture(tub, 5).unlink()


def garble_line(tub: Path) -> None:
    change_lines(tub / "catalog_1.catalog", lambda lines: lines.__setitem__(3, lines[3][:40]))


def bury_line(tub: Path) -> None:
    change_lines(tub / "catalog_1.catalog", lambda lines: lines.__setitem__(3, "[" * 100_000))


def lose_line(tub: Path) -> None:
    change_lines(tub / "catalog_1.catalog", lambda lines: lines.pop(3))


def lose_first_line(tub: Path) -> None:
    change_lines(tub / "catalog_0.catalog", lambda lines: lines.pop(0))


def lose_last_line(tub: Path) -> None:
    change_lines(tub / "catalog_2.catalog", lambda lines: lines.pop())


def lose_catalog(tub: Path) -> None:
    (tub / "catalog_1.catalog").unlink()


def name_nothing(tub: Path) -> None:
    change_lines(
        tub / "catalog_0.catalog", lambda lines: lines.__setitem__(2, lines[2].replace("2_cam_image_array_.jpg", ""))
    )


def lead_out(tub: Path) -> None:
    (tub.parent / "other.jpg").write_bytes(jpeg(1))
    change_lines(
        tub / "catalog_0.catalog",
        lambda lines: lines.__setitem__(2, lines[2].replace("2_cam_image_array_.jpg", "../../other.jpg")),
    )


# What is done to a tub of 40 records, what is told of it, and how many frames are left.
DAMAGES: list[tuple[Callable[[Path], None], str, int]] = [
    (
        damage_picture,
        r"1 x picture cannot be decoded, for example .*5_cam_image_array_\.jpg \(.*0\.catalog, line 6\)",
        39,
    ),
    (cut_picture, r"1 x picture is cut off, for example .*5_cam_image_array_\.jpg", 39),
    (empty_picture, r"1 x picture is empty", 39),
    (lose_picture, r"1 x picture is missing, for example .*5_cam_image_array_\.jpg", 39),
    (garble_line, r"1 x catalog line cannot be read, for example .*catalog_1\.catalog, line 4", 39),
    (bury_line, r"1 x catalog line cannot be read", 39),
    (lose_line, r"1 x catalog line is missing, for example index 19, before .*catalog_1\.catalog, line 4", 39),
    (lose_first_line, r"1 x catalog line is missing, for example index 0, before .*catalog_0\.catalog, line 1", 39),
    (lose_last_line, r"1 x catalog line is missing, for example index 39", 39),
    (lose_catalog, r"1 x catalog is missing, for example .*catalog_1\.catalog", 24),
    (name_nothing, r"1 x record names no picture, for example .*catalog_0\.catalog, line 3", 39),
    (lead_out, r"1 x record names no picture", 39),
    (
        lambda tub: with_angle(tub, 20, "NaN"),
        r"1 x steering is no number, for example .*catalog_1\.catalog, line 5",
        39,
    ),
    (lambda tub: with_angle(tub, 20, '"left"'), r"1 x steering is no number", 39),
    (lambda tub: with_angle(tub, 20, "true"), r"1 x steering is no number", 39),
    (lambda tub: with_angle(tub, 20, "null"), r"1 x steering is no number", 39),
    (lambda tub: with_angle(tub, 20, "1.01"), r"1 x steering is not within -1 to 1", 39),
    (lambda tub: with_angle(tub, 20, "1e999"), r"1 x steering is not within -1 to 1", 39),
    (lambda tub: with_angle(tub, 20, "1" + 400 * "0"), r"1 x steering is not within -1 to 1", 39),
]


@pytest.mark.parametrize(("damage", "told", "left"), DAMAGES, ids=[told[:50] for _, told, _ in DAMAGES])
def test_a_damaged_tub(tmp_path: Path, damage: Callable[[Path], None], told: str, left: int) -> None:
    tub = sound_tub(tmp_path)
    damage(tub)
    recording = read_tub(tub)
    summary = import_recording(tmp_path / "data", recording)
    kind, total = recording.problems.lines()
    assert re.match(told, kind), kind
    assert total == "1 problem in all"
    assert summary["frames"] == left
    export_tub(tmp_path / "data", tmp_path / "out")
    out = alive_records(tmp_path / "out")
    assert len(out) == left
    sound = [record(k) for k in range(COUNT)]
    assert all(one in sound for one in out)
    for one in out:
        name = f"images/{one['cam/image_array']}"
        assert (tmp_path / "out" / name).read_bytes() == (tub / name).read_bytes()
    again = read_tub(tmp_path / "out")
    import_recording(tmp_path / "again", again)
    assert np.array_equal(read_frames([tmp_path / "again"]).picture, read_frames([tmp_path / "data"]).picture)


def test_what_was_deleted_stays_so_when_lines_are_lost(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)], deleted=[2, 20, 21]).write()
    change_lines(tub / "catalog_0.catalog", lambda lines: lines.pop(10))
    summary = import_recording(tmp_path / "data", read_tub(tub))
    assert summary["frames"] == 26
    export_tub(tmp_path / "data", tmp_path / "out")
    # Marks are by place for Donkeycar, and the places have changed: so the marked records themselves are left out.
    assert [one["_index"] for one in alive_records(tmp_path / "out")] == [
        k for k in range(30) if k not in (2, 10, 20, 21)
    ]


@pytest.mark.parametrize("left", [4, 2, 1, 0])
def test_a_manifest_that_is_cut_off(tmp_path: Path, left: int) -> None:
    tub = sound_tub(tmp_path)
    text = (tub / "manifest.json").read_text().splitlines(keepends=True)
    (tub / "manifest.json").write_text("".join(text[:left]) + text[left][:12])
    recording = read_tub(tub)
    assert import_recording(tmp_path / "data", recording)["frames"] == COUNT
    assert recording.problems.count("manifest is cut off, so nothing counts as deleted") == 1
    export_tub(tmp_path / "data", tmp_path / "out")
    assert alive_records(tmp_path / "out") == [record(k) for k in range(COUNT)]
    lines = [json.loads(line) for line in (tmp_path / "out" / "manifest.json").read_text().splitlines()]
    assert dict(zip(lines[0], lines[1], strict=True)) == {
        "cam/image_array": "image_array", "user/angle": "float", "user/throttle": "float", "user/mode": "str",
    }  # fmt: skip
    assert lines[4]["current_index"] == COUNT


def test_a_manifest_that_is_missing_and_catalogs_it_does_not_know(tmp_path: Path) -> None:
    tub = sound_tub(tmp_path)
    (tub / "catalog_10.catalog").write_text(json.dumps(record(COUNT)) + "\n")
    picture(tub, COUNT).write_bytes(jpeg(COUNT))
    known = read_tub(tub)
    assert known.problems.count("catalog is not in the manifest, so it is not read") == 1
    assert len(known.records) == COUNT
    (tub / "manifest.json").unlink()
    unknown = read_tub(tub)
    assert unknown.problems.count("manifest is missing, so nothing counts as deleted") == 1
    assert [one.position for one in unknown.records] == list(range(COUNT + 1))  # catalog_10 comes last


def test_pictures_of_any_size_and_colour_are_taken_and_the_odd_ones_told(tmp_path: Path) -> None:
    pictures = {
        3: jpeg(3, 320, 240),
        4: jpeg(4, 31, 7),
        5: jpeg(5, 1, 1),
        6: jpeg(6, channels=1),
        7: jpeg(7, channels=4, suffix=".png"),
        8: cv2.imencode(".png", np.full((120, 160), 40_000, np.uint16))[1].tobytes(),
        9: jpeg(9, 40, 1200),
    }
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)], pictures).write()
    recording = read_tub(tub)
    import_recording(tmp_path / "data", recording)
    frames = read_frames([tmp_path / "data"])
    assert frames.picture.shape == (30, 80, 120, 3)
    assert recording.problems.count("picture is of another size than most, but used") == 4
    assert "3_cam_image_array_.jpg (320 x 240 where most are 160 x 120)" in recording.problems.lines()[0]
    assert np.ptp(frames.picture[6].astype(int), axis=-1).max() == 0
    assert frames.picture[8].mean() == pytest.approx(40_000 / 256, abs=2)
    export_tub(tmp_path / "data", tmp_path / "out")
    assert content(tmp_path / "out") == content(tub)


def test_kinds_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    tub = sound_tub(tmp_path)
    for index in (7, 8, 30):
        picture(tub, index).unlink()
    damage_picture(tub)
    with_angle(tub, 1, "7")
    lose_line(tub)
    recording = read_tub(tub)
    assert import_recording(tmp_path / "data", recording)["frames"] == 34
    lines = recording.problems.lines()
    assert len(lines) == 5
    assert any(line.startswith("3 x picture is missing") and "7_cam_image_array_.jpg" in line for line in lines)
    assert lines[-1] == "6 problems in all"
    assert read_split([tmp_path / "data"])


def test_when_nothing_is_left_it_is_an_error_that_says_why(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(3)]).write()
    for index in range(3):
        picture(tub, index).write_bytes(b"?")
    with pytest.raises(DatasetError, match=r"nothing in it can be learnt from \(3 x picture cannot be decoded"):
        import_recording(tmp_path / "data", read_tub(tub))
    assert not (tmp_path / "data").exists()


def test_an_empty_tub_is_an_error(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(0)]).write()
    (tub / "catalog_0.catalog").write_bytes(b"")
    with pytest.raises(DatasetError, match="nothing in it can be learnt from"):
        import_recording(tmp_path / "data", read_tub(tub))


def damaged_log(tmp_path: Path) -> Recording:
    log = Log(tmp_path / "log", 30, steerings={3: "nan", 4: "1.5", 5: "straight"})
    folder = log.write()
    text = (folder / "driving_log.csv").read_bytes().splitlines(keepends=True)
    text[10] = text[10][:90] + b"\n"  # cut off
    text[11] = b"\xff\xfe\x00garbage\x00\n"
    text[12] = text[12].replace(b"0,", b"0,5,")  # a computer that writes numbers with a comma
    text[13] = b'"never closed' + text[13]
    text[20] = b"\n"
    (folder / "driving_log.csv").write_bytes(b"".join(text))
    (folder / "IMG" / f"left_{stamp(15)}.jpg").write_bytes(b"broken")
    for camera in ("center", "left", "right"):
        (folder / "IMG" / f"{camera}_{stamp(16)}.jpg").unlink()
    return read_udacity(folder)


def test_a_damaged_log(tmp_path: Path) -> None:
    recording = damaged_log(tmp_path)
    summary = import_recording(tmp_path / "data", recording)
    counted = {
        kind: recording.problems.count(kind)
        for kind in (
            "steering is no number",
            "steering is not within -1 to 1",
            "row has another number of columns",
            "picture cannot be decoded",
            "picture is missing",
        )
    }
    assert list(counted.values()) == [2, 1, 4, 1, 3]
    assert recording.problems.total == 11
    rows = 30 - 3 - 4 - 1 - 1  # steering, columns, the blank line, the one without pictures
    assert summary["frames"] == 3 * rows - 1
    assert summary["cameras"] == {"centre": rows, "left": rows - 1, "right": rows}
    assert export_udacity(tmp_path / "data", tmp_path / "out") == rows
    before, after = content(recording.path.parent), content(tmp_path / "out")
    wrong = {3, 4, 5, 10, 11, 12, 13, 16, 20}
    lines = before["driving_log.csv"].split(b"\n")[:30]
    assert after["driving_log.csv"].splitlines() == [line for k, line in enumerate(lines) if k not in wrong]
    pictures = {name for name in after if name.startswith("IMG")}
    assert len(pictures) == 3 * rows - 1
    assert all(after[name] == before[name] for name in pictures)
