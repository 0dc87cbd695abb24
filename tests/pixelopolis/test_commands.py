"""The command line as typed: answers, files, exit statuses, and one clear line for each mistake."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from pixelopolis.bench.figure import Figure, percentile
from pixelopolis.cli import app

runner = CliRunner()


def pixelopolis(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process, as a user does."""
    command = [sys.executable, "-m", "pixelopolis", *words]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=100, check=False, env={**os.environ, **environment}
    )


@pytest.mark.parametrize(
    "verb",
    [
        [],
        ["demo"],
        ["server"],
        ["car", "enrol"],
        ["car", "run"],
        ["car", "check"],
        ["operator", "enrol"],
        ["operator", "login"],
        ["operator", "logout"],
        ["operator", "code"],
        ["operator", "enrolled"],
        ["operator", "revoke"],
        ["operator", "audit"],
        ["sim", "run"],
        ["board", "emulate"],
        ["board", "ping"],
        ["board", "monitor"],
        ["city", "check"],
        ["city", "route"],
        ["city", "draw"],
        ["city", "signs"],
        ["collect", "lane"],
        ["collect", "signs"],
        ["export", "lane"],
        ["export", "signs"],
        ["train", "lane"],
        ["train", "detector"],
        ["evaluate", "lane"],
        ["evaluate", "detector"],
        ["bench"],
    ],
)
def test_every_verb_has_help(verb: list[str]) -> None:
    result = runner.invoke(app, [*verb, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


def test_a_city_is_checked() -> None:
    result = runner.invoke(app, ["city", "check", "pixelopolis"])
    assert result.exit_code == 0
    assert "11 nodes, 15 edges, 19 movements, 15 signs, 5 places" in result.output


def test_a_route_as_json() -> None:
    result = runner.invoke(app, ["city", "route", "pixelopolis", "1", "museum", "--json", "-"])
    route = json.loads(result.output)
    assert route["cost"] == 10
    assert [step["command"] for step in route["steps"]] == [
        "forward", "forward", "left", "forward", "left", "forward", None,
    ]  # fmt: skip
    assert route["steps"][0] == {"edge": 1, "node": 2, "sign": "Korean", "command": "forward"}


def test_a_route_as_a_table_and_to_an_edge() -> None:
    result = runner.invoke(app, ["city", "route", "pixelopolis", "1", "6", "--closed", "15"])
    assert result.exit_code == 0
    assert "cost 10" in result.output


@pytest.mark.parametrize("name", ["map.svg", "map.png"])
def test_a_city_is_drawn(tmp_path: Path, name: str) -> None:
    out = tmp_path / name
    result = runner.invoke(app, ["city", "draw", "square", "--out", str(out), "--width", "300"])
    assert result.exit_code == 0
    assert out.read_bytes()[:4] in (b"<svg", b"<?xm", b"\x89PNG")


TLS = ["--tls-certificate", "none.pem", "--tls-key", "none.pem"]
CAR = ["--id", "car-1", "--code", "7K2M-Q4XD-9TRB"]
MISTAKES = [
    (["city", "check", "nowhere.yaml"], 1, "nowhere.yaml: cannot be read"),
    (["city", "route", "pixelopolis", "1", "moon"], 2, "there is no place 'moon' in pixelopolis; known are museum"),
    (["city", "route", "pixelopolis", "99", "museum"], 1, "there is no edge 99"),
    (["city", "draw", "square", "--out", "map.gif"], 2, "map.gif: give a name that ends in .svg or .png"),
    (["demo", "--city", "nowhere.yaml"], 1, "nowhere.yaml: cannot be read"),
    (["board", "ping", "/dev/ttyNone"], 1, "board at /dev/ttyNone: cannot be opened"),
    (["board", "emulate", "--tcp", "here"], 2, "--tcp here: give HOST:PORT"),
    (["server", "--store", "mysql:x"], 2, "store 'mysql': give sqlite:PATH"),
    (["server", "--store", "mongodb://me:secret@127.0.0.1:1/x"], 2, "store mongodb://127.0.0.1:1/x: cannot be reached"),
    (["server", "--host", "192.0.2.1", "--open-on-loopback"], 2, "--open-on-loopback is for loopback only"),
    (["server", "--tls-key", "key.pem"], 2, "--tls-certificate and --tls-key go together"),
    (["server", "--trust-proxy", "proxy"], 2, "--trust-proxy proxy: give an address or a network"),
    (["server", "--store", "sqlite::memory:", "--port", "0", *TLS], 1, "TLS with none.pem and none.pem"),
    (["operator", "enrolled", "--server", "http://127.0.0.1:1"], 1, "pixelopolis operator login --server"),
    (["car", "enrol", *CAR, "--server", "http://127.0.0.1:1"], 1, "server http://127.0.0.1:1: "),
    (["car", "enrol", *CAR, "--server", "nowhere"], 2, "server nowhere"),
    (["demo", "--cars", "0"], 2, "greater than or equal to 1"),
    (["fly"], 2, "No such command"),
]


@pytest.mark.parametrize(("words", "status", "message"), MISTAKES, ids=[" ".join(m[0]) for m in MISTAKES])
def test_a_mistake_is_said_in_one_line(words: list[str], status: int, message: str) -> None:
    result = pixelopolis(*words)
    assert result.returncode == status
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert "secret" not in result.stderr


@pytest.mark.parametrize("words", [["collect", "signs", "--count", "1"], ["collect", "lane", "--count", "256"]])
def test_where_nothing_can_be_rendered_it_is_said_what_to_install(words: list[str], tmp_path: Path) -> None:
    result = pixelopolis(*words, "--out", str(tmp_path), __EGL_VENDOR_LIBRARY_FILENAMES="/none")
    assert result.returncode == 1
    assert "apt-get install libegl1" in result.stderr
    assert "Traceback" not in result.stderr


def test_figures_show_their_ratio() -> None:
    assert Figure("a", 2.0, "ms", 8.0).as_json() == {
        "name": "a", "value": 2.0, "unit": "ms", "baseline": 8.0, "ratio": 0.25,
    }  # fmt: skip
    assert Figure("a", 2.0, "ms").as_json()["ratio"] is None


def test_percentiles() -> None:
    values = [float(k) for k in range(100)]
    assert (percentile(values, 0.5), percentile(values, 0.99), percentile([7.0], 0.99)) == (50.0, 99.0, 7.0)
