"""`collect lane` and `export lane` as typed: from recordings, from a car, and one clear line for each mistake."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.lane.dataset import read_frames, read_manifest
from pixelopolis.cli import app
from pixelopolis.commands.collect_lane import OPTIONS
from pixelopolis.commands.options import refuse_conflicts
from pixelopolis.errors import UsageError
from tests.car.stream_double import served_stream
from tests.car.test_run import creeping_car
from tests.models_lane_recordings.test_car_stream import turning
from tests.models_lane_recordings.tub_by_hand import Tub, content, record
from tests.models_lane_recordings.udacity_by_hand import Log

runner = CliRunner()
COMMAND = [sys.executable, "-m", "pixelopolis"]


def pixelopolis(*words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the command as a process, as a user does."""
    return subprocess.run([*COMMAND, *map(str, words)], capture_output=True, text=True, timeout=100, check=False)


def test_a_tub_in_and_out(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)], deleted=[4]).write()
    into = runner.invoke(app, ["collect", "lane", "--from-tub", str(tub), "--out", str(tmp_path / "data")])
    assert into.exit_code == 0
    assert f"{tmp_path / 'data'}: 29 frames; by command {{'follow': 29}}" in into.stdout
    assert into.stderr == ""
    out = runner.invoke(app, ["export", "lane", "--data", str(tmp_path / "data"), "--to-tub", str(tmp_path / "out")])
    assert out.exit_code == 0
    assert out.stdout == f"{tmp_path / 'out'}: 30 records\n"
    assert content(tmp_path / "out") == content(tub)


@pytest.mark.parametrize("whole", [True, False])
def test_a_log_in_and_out(tmp_path: Path, whole: bool) -> None:
    log = Log(tmp_path / "log", 10).write()
    named = log if whole else log / "driving_log.csv"
    words = ["--from-udacity", str(named), "--side-correction", "0.1", "--out", str(tmp_path / "data")]
    assert runner.invoke(app, ["collect", "lane", *words]).exit_code == 0
    assert "side correction 0.1" in read_manifest(tmp_path / "data").source
    words = ["--data", str(tmp_path / "data"), "--to-udacity", str(tmp_path / "out")]
    assert runner.invoke(app, ["export", "lane", *words]).exit_code == 0
    assert content(tmp_path / "out") == content(log)


def test_problems_are_told_one_line_a_kind_and_nothing_else_in_a_pipe(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)]).write()
    (tub / "images" / "3_cam_image_array_.jpg").write_bytes(b"?")
    (tub / "images" / "9_cam_image_array_.jpg").unlink()
    (tub / "images" / "8_cam_image_array_.jpg").unlink()
    done = pixelopolis("collect", "lane", "--from-tub", tub, "--out", tmp_path / "data")
    assert done.returncode == 0
    catalog = tub / "catalog_0.catalog"
    assert done.stderr.splitlines() == [
        f"warning: 1 x picture cannot be decoded, for example {tub}/images/3_cam_image_array_.jpg ({catalog}, line 4)",
        f"warning: 2 x picture is missing, for example {tub}/images/8_cam_image_array_.jpg ({catalog}, line 9)",
        "warning: 3 problems in all",
    ]
    assert "27 frames" in done.stdout


def test_on_a_terminal_there_is_a_progress_bar(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(k) for k in range(30)]).write()
    ours, theirs = pty.openpty()
    words = ["collect", "lane", "--from-tub", str(tub), "--out", str(tmp_path / "data")]
    environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
    with subprocess.Popen([*COMMAND, *words], stdout=subprocess.DEVNULL, stderr=theirs, env=environment) as process:
        shown = b""
        while process.poll() is None or select.select([ours], [], [], 0)[0]:
            if select.select([ours], [], [], 0.1)[0]:
                shown += os.read(ours, 65536)
        assert process.returncode == 0
    os.close(theirs)
    os.close(ours)
    assert b"looking at pictures" in shown
    assert b"30/30" in shown


MISTAKES = [
    (["--from-tub", "a", "--from-udacity", "b"], ("--from-tub", "--from-udacity")),
    (["--from-car", "http://a", "--from-udacity", "b"], ("--from-car", "--from-udacity")),
    (["--from-tub", "a", "--seed", "3"], ("--from-tub", "--seed")),
    (["--from-tub", "a", "--count", "3"], ("--from-tub", "--count")),
    (["--from-car", "http://a", "--workers", "3"], ("--from-car", "--workers")),
    (["--from-car", "http://a", "--driver", "x.tflite"], ("--from-car", "--driver")),
    (["--from-tub", "a", "--side-correction", "0.1"], ("--from-tub", "--side-correction")),
    (["--seconds", "3"], ("--seconds", "--from-car")),
    (["--side-correction", "0.3", "--seed", "1"], ("--side-correction", "--from-udacity")),
    (["--from-tub", "/no/such/folder"], ("--from-tub /no/such/folder: there is no such folder",)),
    (["--from-udacity", "/no/such/log.csv"], ("--from-udacity /no/such/log.csv: there is no such file",)),
    (["--from-car", "car-1"], ("car car-1", "http://HOST:PORT")),
]


@pytest.mark.parametrize(("words", "named"), MISTAKES, ids=[" ".join(m[0]) for m in MISTAKES])
def test_a_mistake_names_what_was_typed(tmp_path: Path, words: list[str], named: tuple[str, ...]) -> None:
    result = runner.invoke(app, ["collect", "lane", "--out", str(tmp_path / "data"), *words])
    assert isinstance(result.exception, UsageError)
    assert all(name in str(result.exception) for name in named)
    assert not (tmp_path / "data").exists()


def test_options_go_with_their_source() -> None:
    for source, options in OPTIONS.items():
        refuse_conflicts({option for option in (source, *options) if option.startswith("--")}, OPTIONS)


def test_mistakes_in_exporting(tmp_path: Path) -> None:
    for words in ([], ["--to-tub", "a", "--to-udacity", "b"]):
        result = runner.invoke(app, ["export", "lane", "--data", str(tmp_path), *words])
        assert isinstance(result.exception, UsageError)
        assert "--to-tub" in str(result.exception)
        assert "--to-udacity" in str(result.exception)
    done = pixelopolis("export", "lane", "--data", tmp_path / "none", "--to-tub", tmp_path / "tub")
    assert done.returncode == 2
    assert f"{tmp_path / 'none' / 'manifest.json'} is no lane data set" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_to_learn_from_is_one_line(tmp_path: Path) -> None:
    tub = Tub(tmp_path / "tub", [record(0)]).write()
    (tub / "images" / "0_cam_image_array_.jpg").unlink()
    done = pixelopolis("collect", "lane", "--from-tub", tub, "--out", tmp_path / "data")
    assert done.returncode == 2
    assert "nothing in it can be learnt from (1 x picture is missing" in done.stderr
    assert len(done.stderr.splitlines()) == 1


def test_a_car_is_recorded_and_recorded_again(tmp_path: Path) -> None:
    with served_stream(turning) as served:
        words = ["collect", "lane", "--from-car", f"{served.url}/stream.mjpg", "--out", str(tmp_path / "data")]
        first = runner.invoke(app, [*words, "--count", "15"])
        second = runner.invoke(app, [*words, "--seconds", "0.3"])
    assert (first.exit_code, second.exit_code) == (0, 0)
    assert "recorded 15 frames; missed" in first.stderr
    assert "15 frames are recorded" in first.stderr
    assert "0.3 s are over" in second.stderr
    frames = read_frames([tmp_path / "data"])
    assert len(frames) > 15
    assert set(frames.drive) == {0, 1}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_ends_a_recording_and_keeps_it(tmp_path: Path, number: signal.Signals) -> None:
    with served_stream(turning) as served:
        process = subprocess.Popen(
            [*COMMAND, "collect", "lane", "--from-car", served.url, "--out", str(tmp_path / "data")],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        deadline_s = time.monotonic() + 60
        while not (tmp_path / "data" / "manifest.json").exists() and time.monotonic() < deadline_s:
            time.sleep(0.05)
        process.send_signal(number)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 0, err
    assert "ended: stopped" in err
    assert f"{len(read_frames([tmp_path / 'data']))} frames" in out


def test_a_car_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    done = pixelopolis("collect", "lane", "--from-car", "http://127.0.0.1:9", "--out", tmp_path / "data")
    assert done.returncode == 1
    assert done.stderr.startswith("pixelopolis: car http://127.0.0.1:9: cannot be reached")
    assert len(done.stderr.splitlines()) == 1


async def test_a_whole_car_is_recorded_while_it_creeps_along(tmp_path: Path) -> None:
    """The car's own process with models, board and server link; only what it looks at is made up."""
    models = Path(__file__).parent.parent / "car" / "tiny_models"
    config = tmp_path / "car.yaml"
    config.write_text(f"lane_model: {models}/plain.tflite\ndetector_model: {models}/detector.tflite\n")
    async with creeping_car(config, tmp_path) as car:
        (hello,) = car.server.hellos()
        assert hello.stream_url is not None
        recorder = await asyncio.create_subprocess_exec(
            *(*COMMAND, "collect", "lane", "--from-car", hello.stream_url),
            *("--count", "40", "--out", str(tmp_path / "data")),
            stderr=asyncio.subprocess.PIPE,
        )
        _, told = await asyncio.wait_for(recorder.communicate(), 60)
    assert recorder.returncode == 0, told.decode()
    assert "recorded 40 frames" in told.decode()
    frames = read_frames([tmp_path / "data"])
    assert len(frames) == 40
    assert set(frames.drive) == {0}
    assert abs(frames.steering).max() <= 1
    done = await asyncio.to_thread(
        pixelopolis, "export", "lane", "--data", tmp_path / "data", "--to-tub", tmp_path / "t"
    )
    assert done.stdout == f"{tmp_path / 't'}: 40 records\n"
