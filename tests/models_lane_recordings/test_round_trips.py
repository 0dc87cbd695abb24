"""Round trips of records as odd as JSON and CSV allow."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.lane.dataset import read_frames
from models.lane.recordings.exporting import export_tub, export_udacity
from models.lane.recordings.importing import import_recording
from models.lane.recordings.originals import Original, ShardOriginals, read_originals, write_originals
from models.lane.recordings.pictures import PictureError, decoded
from models.lane.recordings.problems import Problems
from models.lane.recordings.read_tub import read_tub
from models.lane.recordings.read_udacity import read_udacity
from models.lane.recordings.recording import GAP_S, Shot, drive_numbers
from tests.models_lane_recordings.tub_by_hand import Tub, content, jpeg, record
from tests.models_lane_recordings.udacity_by_hand import Log


@contextmanager
def new_folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


numbers = st.one_of(st.floats(allow_nan=False, allow_infinity=False), st.integers(-(2**70), 2**70))
json_values = st.recursive(
    st.one_of(st.none(), st.booleans(), numbers, st.text(max_size=8)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
    max_leaves=6,
)
own_fields = st.dictionaries(
    st.text(min_size=1, max_size=6).filter(lambda name: name not in record(0)), json_values, max_size=4
)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-1, 1), own_fields), min_size=1, max_size=9),
    st.sets(st.integers(0, 8)),
    st.integers(1, 4),
    st.sampled_from(["\n", "\r\n"]),
)
def test_tubs(records: list[tuple[float, dict[str, Any]]], deleted: set[int], max_len: int, newline: str) -> None:
    made = [{**record(k), **more, "user/angle": angle} for k, (angle, more) in enumerate(records)]
    deleted &= set(range(1, len(made)))
    with new_folder() as work:
        tub = Tub(work / "tub", made, deleted=sorted(deleted), max_len=max_len, newline=newline).write()
        import_recording(work / "data", read_tub(tub))
        export_tub(work / "data", work / "out")
        assert content(work / "out") == content(tub)
        alive = [angle for k, (angle, _) in enumerate(records) if k not in deleted]
        assert np.array_equal(read_frames([work / "data"]).steering, np.array(alive, np.float32))


cells = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(-1, 1), cells, cells, cells), min_size=1, max_size=6),
    st.sampled_from(["", "C:\\a b\\", "/ä/", "IMG/"]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_logs(rows: list[tuple[float, str, str, str]], path: str, newline: str) -> None:
    """Throttle, brake and speed may be any text: only where it adds columns is a row left out."""
    with new_folder() as work:
        log = Log(work / "log", len(rows), path, newline=newline).write()
        lines = []
        for k, (steered, *rest) in enumerate(rows):
            start = Log(work, 9, path).line(k).split(",")[:3]
            quoted = ['"' + cell.replace('"', '""') + '"' for cell in rest]
            lines.append(",".join([*start, repr(steered), *quoted]) + newline)
        (log / "driving_log.csv").write_bytes("".join(lines).encode())
        recording = read_udacity(log)
        import_recording(work / "data", recording)
        assert recording.problems.total == 0
        export_udacity(work / "data", work / "out")
        assert content(work / "out") == content(log)


@settings(max_examples=40)
@given(st.binary(max_size=400))
def test_no_bytes_upset_the_reader_of_a_catalog(data: bytes) -> None:
    with new_folder() as work:
        tub = Tub(work / "tub", [record(0), record(1)], max_len=1).write()
        (tub / "catalog_1.catalog").write_bytes(data)
        assert import_recording(work / "data", read_tub(tub))["frames"] == 1


@settings(max_examples=40)
@given(st.binary(max_size=300), st.booleans())
def test_no_bytes_upset_the_reader_of_a_manifest(data: bytes, line_by_line: bool) -> None:
    with new_folder() as work:
        tub = Tub(work / "tub", [record(0), record(1)]).write()
        kept = (tub / "manifest.json").read_bytes().splitlines(keepends=True)[:4] if line_by_line else []
        (tub / "manifest.json").write_bytes(b"".join(kept) + data)
        assert import_recording(work / "data", read_tub(tub))["frames"] == 2
        assert export_tub(work / "data", work / "out") == 2


manifests = st.tuples(json_values, json_values, json_values, json_values)
catalogs = st.fixed_dictionaries(
    {"paths": st.just(["catalog_0.catalog"])},
    optional={
        "current_index": json_values,
        "max_len": json_values,
        "deleted_indexes": json_values,
        "more": json_values,
    },
)


@settings(max_examples=40)
@given(manifests, catalogs)
def test_no_json_upsets_the_reader_of_a_manifest(lines: tuple[Any, ...], about: dict[str, Any]) -> None:
    with new_folder() as work:
        tub = Tub(work / "tub", [record(0), record(1)]).write()
        (tub / "manifest.json").write_text("".join(json.dumps(line) + "\n" for line in (*lines, about)))
        recording = read_tub(tub)
        if recording.shots:
            import_recording(work / "data", recording)
            assert export_tub(work / "data", work / "out") == 2
        else:
            assert len(recording.idle) == 2  # both were marked as deleted


@settings(max_examples=40)
@given(st.binary(max_size=300))
def test_no_bytes_upset_the_reader_of_a_log(data: bytes) -> None:
    with new_folder() as work:
        log = Log(work / "log", 1).write()
        (log / "driving_log.csv").write_bytes((log / "driving_log.csv").read_bytes() + data)
        recording = read_udacity(log)
        assert import_recording(work / "data", recording)["frames"] == 3
        export_udacity(work / "data", work / "out")
        assert (work / "out" / "driving_log.csv").read_bytes().startswith(Log(work, 1).line(0).encode())


WHOLE = jpeg(1)


@given(st.integers(0, len(WHOLE) - 1))
def test_a_jpeg_that_is_cut_off_anywhere_is_no_picture(length: int) -> None:
    with pytest.raises(PictureError, match=r"^picture "):
        decoded(WHOLE[:length])


@given(
    st.lists(
        st.tuples(
            st.integers(0, 10**9),
            st.text(st.characters(), max_size=9),
            st.text(st.characters(), max_size=9),
            st.dictionaries(st.text(st.characters(), max_size=9), st.binary(max_size=50), min_size=1, max_size=3),
        ),
        max_size=5,
        unique_by=lambda one: one[0],
    )
)
def test_originals_are_stored_as_they_are(made: list[tuple[int, str, str, dict[str, bytes]]]) -> None:
    records = [Original(position, group, text, files) for position, group, text, files in made]
    frames = [(one.position, name) for one in records for name in one.files]
    with new_folder() as work:
        write_originals(work, 3, ShardOriginals(records, frames))
        found = read_originals(work, 3)
    assert (found.records, found.frames) == (records, frames)
    assert found.frame_bytes() == [content for one in records for content in one.files.values()]


times = st.one_of(st.none(), st.floats(0, 100))


@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 6), st.sampled_from("ab"), times), min_size=1, max_size=30))
def test_drives_are_what_follows_in_time(made: list[tuple[int, int, str, float | None]]) -> None:
    shots = [
        Shot(k, "", camera, 0.0, 0, step, session, time_s, "") for k, (camera, step, session, time_s) in enumerate(made)
    ]
    numbers = drive_numbers(shots)
    newest: dict[int, int] = {}
    for k, shot in enumerate(shots):
        before = newest.get(shot.camera)
        newest[shot.camera] = k
        if before is None:
            continue
        last = shots[before]
        same = (shot.step, shot.session) == (last.step + 1, last.session)
        if shot.time_s is not None and last.time_s is not None:
            same = same and last.time_s <= shot.time_s <= last.time_s + GAP_S
        assert (numbers[k] == numbers[before]) == same
    assert len({(shot.camera, number) for shot, number in zip(shots, numbers, strict=True)}) == len(set(numbers))


@given(st.dictionaries(st.text(min_size=1), st.integers(1, 9), max_size=6))
def test_problems_add_up(counts: dict[str, int]) -> None:
    problems = Problems()
    for kind, count in counts.items():
        problems.note(kind, "first", count)
        problems.note(kind, "second")
    assert problems.total == sum(count + 1 for count in counts.values())
    assert len(problems.lines()) == (len(counts) + 1 if counts else 0)
    assert all("first" in line for line in problems.lines()[:-1])
