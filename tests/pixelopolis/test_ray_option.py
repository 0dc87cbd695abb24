"""`--ray` on the command line."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from models.common.workers.processes import Processes
from models.common.workers.ray_workers import ClusterError
from models.lane.dataset import read_frames
from pixelopolis.cli import app
from pixelopolis.commands.worker_options import chosen_workers
from pixelopolis.errors import UsageError

LANE, SIGNS = (["collect", what, "--out", "{out}"] for what in ("lane", "signs"))
# In processes of their own, as Ray reads its settings when it is imported.
OWN_CLUSTER = """
import sys
from pixelopolis.commands.worker_options import chosen_workers
with chosen_workers(1, "local") as workers:
    import ray
    print(*workers.each(abs, [-3]), ray.get_runtime_context().gcs_address, flush=True)
    sys.stdin.read()
"""
STRANGER = "import ray, sys; ray.init(sys.argv[1], log_to_driver=False)"
NOBODY_THERE = "127.0.0.1:1"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*LANE, "--ray", "somewhere"], "--ray somewhere: give HOST:PORT, auto or local"),
        ([*LANE, "--ray", "ray://a:1"], "--ray ray://a:1: give"),
        (
            [*LANE, "--ray", "local", "--from-tub", "x"],
            "--ray does not go with --from-tub",
        ),
        (
            [*SIGNS, "--ray", "local", "--from-voc", "x"],
            "--ray does not go with --from-voc",
        ),
        (["evaluate", "lane", "--ray", "local", "--pictures", "x"], "--pictures does not go with --ray"),
        (["evaluate", "lane", "--ray", "local", "--data", "x"], "--ray does not go with --data"),
        (["evaluate", "detector", "--ray", "local"], "--ray goes with --drives only"),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, words: list[str], said: str) -> None:
    result = CliRunner().invoke(app, [word.format(out=tmp_path / "data") for word in words])
    assert isinstance(result.exception, UsageError)
    assert said in str(result.exception)


def test_without_ray_on_this_machine_it_is_said_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    monkeypatch.delitem(sys.modules, "models.common.workers.ray_workers", raising=False)
    with pytest.raises(UsageError, match=r"pip install 'pixelopolis\[ray\]'"), chosen_workers(2, "local"):
        pass


def test_without_the_option_there_are_processes_or_whatever_is_usual() -> None:
    with chosen_workers(3, None) as three, chosen_workers(None, None) as usual:
        assert three == Processes(3)
        assert usual is None


def test_a_cluster_that_does_not_answer_is_named() -> None:
    with pytest.raises(ClusterError, match=NOBODY_THERE), chosen_workers(None, NOBODY_THERE):
        pass


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_the_commands_work_on_ray(tmp_path: Path) -> None:
    data, figures = tmp_path / "data", tmp_path / "figures.json"
    for words in (
        ["collect", "lane", "--out", str(data), "--count", "8", "--ray", "local", "--workers", "1"],
        ["evaluate", "lane", "--variant", "expert", "--episodes", "2", "--seconds", "1", "--ray", "local",
         "--workers", "1", "--json", str(figures)],
    ):  # fmt: skip
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.output
    assert len(read_frames([data])) == 8
    assert '"episodes": 2' in figures.read_text()


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_nobody_else_gets_into_a_cluster_of_our_own() -> None:
    words = [sys.executable, "-c", OWN_CLUSTER]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as own:
        assert own.stdout is not None
        result, address = own.stdout.readline().split()
        assert result == "3"
        stranger = subprocess.run(
            [sys.executable, "-c", STRANGER, address], check=False, capture_output=True, text=True, timeout=120
        )
        own.communicate("")
    assert stranger.returncode != 0
    assert "AuthenticationError" in stranger.stderr
    assert own.returncode == 0
