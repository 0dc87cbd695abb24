"""The detector's bench: what it looks at, how it is kept to cores, and what it answers."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from car.config import Overrides
from car.perception.sidecar import ModelError
from pixelopolis.bench.cores import kept_to_cores
from pixelopolis.bench.detector import WARM_UP_ROUNDS, DetectorBench, bench_detector
from pixelopolis.bench.pictures import COUNT, pictures_in, rendered_pictures
from pixelopolis.cli import app
from pixelopolis.errors import UsageError
from tests.pixelopolis.test_commands import pixelopolis

TINY = Path(__file__).parents[1] / "car" / "tiny_models" / "detector.tflite"


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with two pictures of different sizes and a file that is none of them."""
    folder = tmp_path / "pictures"
    folder.mkdir()
    cv2.imwrite(str(folder / "b.png"), np.full((240, 320, 3), 200, np.uint8))
    cv2.imwrite(str(folder / "a.JPG"), np.full((120, 160, 3), 90, np.uint8))
    (folder / "notes.txt").write_text("not a picture")
    return folder


def test_the_detector_beside_another(pictures: Path, tmp_path: Path) -> None:
    baseline = Path(shutil.copy(TINY, tmp_path / "bare.tflite"))  # nothing says what its classes are
    notes: list[str] = []
    figures = bench_detector(DetectorBench(Overrides(TINY), baseline, pictures, rounds=5), notes.append)
    assert [figure.name for figure in figures] == [
        "detector network detector.tflite p50",
        "detector network detector.tflite p99",
        "detector with pre- and post-processing p50",
        "detector with pre- and post-processing p99",
    ]
    assert all(figure.value > 0 and figure.baseline and figure.unit == "ms" for figure in figures)
    network_p50, network_p99, whole_p50, whole_p99 = (figure.value for figure in figures)
    assert network_p50 <= network_p99
    assert whole_p50 <= whole_p99
    assert network_p50 < whole_p50
    (note,) = notes
    assert note.startswith("detector: detector.tflite, 5 looks at 2 given pictures, 1 thread, kept to core ")
    assert note.endswith("in turns with bare.tflite; a ratio below 1 is faster than it")


def test_both_look_at_the_same_pictures_in_turns(pictures: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    looks: list[tuple[str, tuple[int, ...]]] = []

    class Watched:
        def __init__(self, name: str) -> None:
            self.name = name

        def show(self, picture: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> None:
            looks.append((self.name, picture.shape))

        def run(self) -> None: ...

        def seen(self, height_px: int, width_px: int) -> None: ...

    monkeypatch.setattr("pixelopolis.bench.detector.open_detector", lambda *_: Watched("ours"))
    monkeypatch.setattr("pixelopolis.bench.detector._baseline", lambda *_: Watched("theirs"))
    bench_detector(DetectorBench(baseline=TINY, pictures=pictures, rounds=2), lambda *_: None)
    assert len(looks) == 2 * (WARM_UP_ROUNDS + 2)
    assert looks[:4] == [(name, shape) for shape in ((120, 160, 3), (240, 320, 3)) for name in ("ours", "theirs")]


def test_a_baseline_that_is_no_detector_is_named(pictures: Path) -> None:
    with pytest.raises(ModelError, match=r"lane\.tflite: takes .*, not one picture alone"):
        bench_detector(
            DetectorBench(Overrides(TINY), TINY.with_name("lane.tflite"), pictures), lambda line: pytest.fail(line)
        )


def test_rendered_pictures_are_of_the_camera_and_not_alike() -> None:
    found = rendered_pictures()
    assert len(found) == COUNT
    assert {picture.shape for picture in found} == {(240, 320, 3)}
    assert len({picture.tobytes() for picture in found}) == COUNT


def test_pictures_that_are_none_are_named(pictures: Path, tmp_path: Path) -> None:
    assert [picture.shape[0] for picture in pictures_in(pictures)] == [120, 240]
    (pictures / "c.png").write_bytes(b"text")
    with pytest.raises(ValueError, match=r"c\.png: is no picture"):
        pictures_in(pictures)
    (tmp_path / "empty").mkdir()
    with pytest.raises(ValueError, match=r"empty: has no picture that ends in \.jpg, \.jpeg, \.png"):
        pictures_in(tmp_path / "empty")


@pytest.mark.skipif(not hasattr(os, "sched_setaffinity"), reason="this system cannot keep a process to a core")
def test_a_measurement_is_kept_to_a_core_and_let_go() -> None:
    before, opencv_threads = os.sched_getaffinity(0), cv2.getNumThreads()
    with kept_to_cores(1) as said:
        (core,) = os.sched_getaffinity(0)
        assert said == f"kept to core {core}"
        assert cv2.getNumThreads() == 1
    assert os.sched_getaffinity(0) == before
    assert cv2.getNumThreads() == opencv_threads
    with kept_to_cores(1000) as said:
        assert os.sched_getaffinity(0) == before
        assert said.endswith(str(max(before)))


def test_where_a_process_cannot_be_kept_to_a_core_that_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(os, "sched_setaffinity", refuse, raising=False)
    with kept_to_cores(1) as said:
        assert said == "not kept to a core (Operation not permitted)"
    monkeypatch.delattr(os, "sched_setaffinity")
    with kept_to_cores(1) as said:
        assert said == "not kept to a core, which this system cannot do"


def test_figures_go_to_standard_output_alone(pictures: Path) -> None:
    result = pixelopolis(
        *("bench", "detector", "--detector", str(TINY), "--threads", "2"),
        *("--pictures", str(pictures), "--baseline", str(TINY), "--json", "-"),
    )
    assert result.returncode == 0, result.stderr
    figures = json.loads(result.stdout)
    assert [set(figure) for figure in figures] == [{"name", "value", "unit", "baseline", "ratio"}] * 4
    assert all(figure["ratio"] == figure["value"] / figure["baseline"] for figure in figures)
    assert "2 given pictures, 2 threads" in result.stderr


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["--baseline", str(TINY)], "say what it is beside"),
        (["loop", "--baseline", str(TINY)], "say what it is beside"),
        (["lane", "--threads", "2"], "are for `pixelopolis bench detector`"),
        (["--delegate", "libedgetpu.so.1"], "are for `pixelopolis bench detector`"),
        (["detector", "--delegate-option", "usb"], "give KEY=VALUE"),
    ],
)
def test_options_that_would_do_nothing_are_refused(words: list[str], problem: str) -> None:
    result = CliRunner().invoke(app, ["bench", *words])
    assert isinstance(result.exception, UsageError)
    assert problem in str(result.exception)
