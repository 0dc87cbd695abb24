"""`pixelopolis evaluate lane` and `pixelopolis bench lane` as typed: answers, files, exit statuses, mistakes."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner, Result

from models.lane.dataset import Manifest, open_for_writing, write_shard
from models.lane.evaluation.drives_file import DrivesFile
from models.lane.evaluation.episodes import episodes
from models.lane.shipped import shipped_files
from pixelopolis.cli import app
from pixelopolis.errors import UsageError
from tests.models_lane.drives import TINY_MODEL
from tests.models_lane.test_open_loop import bright_frames

RUNNER = CliRunner()
PATIENCE_S = 60.0


def evaluate(*words: object) -> Result:
    return RUNNER.invoke(app, ["evaluate", "lane", *map(str, words)])


def test_the_expert_drives_without_a_mistake(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    result = evaluate(
        "--variant", "expert", "--episodes", 2, "--seconds", 3, "--condition", "hard", "--workers", 1, "--json", out
    )  # fmt: skip
    assert result.exit_code == 0
    assert "2 drives: 0 departures, 0 wrong turns, median survival 3.0" in result.output
    assert "dark: 1 drives" in result.output
    figures = json.loads(out.read_text())
    assert list(figures["conditions"]) == ["dark", "glare"]
    assert [drive["index"] for drive in figures["drives"]] == [0, 1]


def test_a_lost_drive_is_told_with_the_command_that_drives_it_again(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    words = ["--course", "streets", "--episodes", "3", "--workers", "1", "--json", str(out)]
    result = evaluate("--variant", "straight", *words)
    assert result.exit_code == 1
    figures = json.loads(out.read_text())
    assert figures["departures"] == 3
    assert [drive["city"][:6] for drive in figures["drives"]] == ["square", "circui", "curvy"]
    for drive in figures["drives"]:
        assert f"drive {drive['index']}: departure after {drive['seconds']:.1f} s; {drive['again']}" in result.output
    again = RUNNER.invoke(app, [*shlex.split(figures["drives"][1]["again"])[1:], "--json", str(out)])
    assert again.exit_code == 1
    assert json.loads(out.read_text())["drives"] == [figures["drives"][1]]


def test_json_on_standard_output_is_alone_there() -> None:
    result = evaluate("--variant", "mean", "--only", 3, "--only", 1, "--seconds", 1, "--workers", 1, "--json", "-")
    assert [drive["index"] for drive in json.loads(result.stdout)["drives"]] == [3, 1]


def test_pictures_of_a_network_that_is_lost(tmp_path: Path) -> None:
    result = evaluate(
        "--variant", TINY_MODEL, "--city", "square", "--episodes", 1, "--condition", "glare", "--workers", 1,
        "--seconds", 10, "--pictures", tmp_path,
    )  # fmt: skip
    assert result.exit_code == 1
    assert {path.name for path in tmp_path.iterdir()} == {
        "000-glare-square-departure.png",
        "000-glare-square-departure-film.png",
        "overview.png",
    }


def test_figures_go_into_a_card(tmp_path: Path) -> None:
    card = tmp_path / "lane.md"
    card.write_text("# lane\n\n## Limits\n\n* none\n")
    assert (
        evaluate("--variant", "expert", "--episodes", 2, "--seconds", 1, "--workers", 1, "--card", card).exit_code == 0
    )
    assert "| normal | 2 | 0 | 0 | 1.0" in card.read_text()


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_loses_nothing_that_was_driven(tmp_path: Path, workers: str) -> None:
    drives, out = tmp_path / "drives.jsonl", tmp_path / "figures.json"
    words = [sys.executable, "-m", "pixelopolis", "evaluate", "lane", "--variant", "expert", "--workers", workers]
    words += ["--resume", str(drives), "--json", str(out)]
    with subprocess.Popen(
        [*words, "--episodes", "2000"],
        start_new_session=True,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=_with_ctrl_c,
    ) as process:
        try:
            _wait_for_lines(drives, 4, process)
            os.killpg(process.pid, signal.SIGINT)
            _, said = process.communicate(timeout=PATIENCE_S)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 130
    assert "of 2000 drives" in said
    assert "Traceback" not in said
    stopped = json.loads(out.read_text())
    assert stopped["interrupted"]
    kept = DrivesFile(drives, "expert").known(episodes(2000, seed=1))
    assert len(kept) >= stopped["episodes"] >= 3
    last = max(result.episode.index for result in kept)
    done = subprocess.run(
        [*words, "--episodes", str(last + 2)], check=False, timeout=PATIENCE_S, capture_output=True, text=True
    )
    assert done.returncode == 0
    resumed = json.loads(out.read_text())
    assert [drive["index"] for drive in resumed["drives"]] == list(range(last + 2))
    assert "interrupted" not in resumed


def _with_ctrl_c() -> None:
    """As at a terminal: what a shell starts in the background has Ctrl-C ignored, and so have its children."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _wait_for_lines(path: Path, count: int, process: subprocess.Popen[str]) -> None:
    begun_s = time.monotonic()
    while not path.exists() or path.read_text().count("\n") < count:
        assert process.poll() is None
        assert time.monotonic() - begun_s < PATIENCE_S
        time.sleep(0.05)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    folder = tmp_path / "data"
    manifest = Manifest(1, 80, 40, "made up")
    for shard in open_for_writing(folder, manifest):
        write_shard(folder, shard, bright_frames(40, seed=shard), "made up")
    return folder


def test_a_model_is_judged_by_a_data_set(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    result = evaluate("--data", data, "--data", data, "--variant", TINY_MODEL, "--pictures", tmp_path, "--json", out)
    assert result.exit_code == 0
    assert "160 frames" in result.output
    assert "better than always 0.0000" in result.output
    report = json.loads(out.read_text())["open_loop"]
    assert report["beats_constant_mean"]
    assert report["data"] == [str(data)] * 2
    assert report["mae"] < 0.01
    assert (tmp_path / "open_loop.png").is_file()


def test_a_model_that_is_no_better_than_the_mean_fails(data: Path) -> None:
    result = evaluate("--data", data, "--variant", TINY_MODEL.with_name("plain.tflite"), "--json", "-")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["open_loop"]["beats_constant_mean"] is False


def test_drivers_are_compared(tmp_path: Path) -> None:
    out = tmp_path / "figures.json"
    words = ["--compare", tmp_path, "--variant", "expert", "--variant", TINY_MODEL, "--episodes", 1, "--seconds", 0.4]
    words += ["--baseline", TINY_MODEL.with_name("plain.tflite"), "--workers", 1]
    result = evaluate(*words, "--course", "streets", "--json", out)
    assert result.exit_code == 0
    assert "| expert | streets | – |" in result.output
    compared = json.loads(out.read_text())
    assert [row["course"] for row in compared["rows"]] == ["streets", "streets"]
    assert compared["baseline"]["file_bytes"] == 2464
    assert (tmp_path / "comparison.md").is_file()


MISTAKES = [
    (["--condition", "foggy"], "there is no condition 'foggy'; known are all, hard, normal"),
    (["--course", "sea"], "there is no course 'sea'; known are cities, streets"),
    (["--variant", "somebody"], "there is no driver 'somebody'"),
    (["--variant", "none.tflite"], "none.tflite: there is no such file"),
    (["--data", "nowhere", "--variant", str(TINY_MODEL)], "no lane data set"),
    (["--data", "nowhere", "--variant", "expert"], "--variant expert sees no frames"),
    (["--data", "nowhere", "--only", "3"], "--only does not go with --data"),
    (["--data", "nowhere", "--variant", "a", "--variant", "b"], "--data judges one model"),
    (["--variant", "expert", "--variant", "mean", "--resume", "x.jsonl"], "--resume does not go with a comparison"),
    (["--baseline", str(TINY_MODEL)], "--baseline does not go with driving without a comparison"),
]


@pytest.mark.parametrize(("words", "message"), MISTAKES, ids=[" ".join(words) for words, _ in MISTAKES])
def test_a_mistake_is_said_with_the_way_out(words: list[str], message: str) -> None:
    result = evaluate(*words)
    assert isinstance(result.exception, UsageError)
    assert message in str(result.exception)


def test_another_drivers_file_is_a_mistake(tmp_path: Path) -> None:
    words = ["--episodes", 1, "--seconds", 0.2, "--workers", 1, "--resume", tmp_path / "drives.jsonl"]
    assert evaluate("--variant", "expert", *words).exit_code == 0
    result = evaluate("--variant", "straight", *words)
    assert isinstance(result.exception, UsageError)
    assert "delete it or give another" in str(result.exception)


def test_every_shipped_lane_file_is_measured_beside_the_baseline() -> None:
    result = RUNNER.invoke(app, ["bench", "lane", "--baseline", str(TINY_MODEL), "--json", "-"])
    assert result.exit_code == 0
    rows = {row["name"]: row for row in json.loads(result.stdout)}
    for path in shipped_files():
        p50, p99 = rows[f"lane network {path.name} p50"], rows[f"lane network {path.name} p99"]
        assert 0 < p50["value"] <= p99["value"]
        assert p50["ratio"] == pytest.approx(p50["value"] / p50["baseline"])
    assert len({row["baseline"] for row in rows.values() if row["name"].endswith("tflite p50")}) == 1
    assert np.isfinite(rows["lane with pre-processing p50"]["value"])
