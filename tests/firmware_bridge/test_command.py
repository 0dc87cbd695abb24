"""`pixelopolis board …` as processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from firmware_bridge.board import Board
from tests.firmware_bridge.patience import until
from tests.firmware_bridge.test_transports import open_patiently

PIXELOPOLIS = [sys.executable, "-m", "pixelopolis", "board"]


@contextmanager
def emulated(*options: str) -> Iterator[str]:
    """The URL of an emulator in a process of its own."""
    with subprocess.Popen([*PIXELOPOLIS, "emulate", *options], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def test_faults_are_typed_while_it_runs() -> None:
    words = [*PIXELOPOLIS, "emulate", "--tcp", "127.0.0.1:0"]
    pipe = subprocess.PIPE
    with subprocess.Popen(words, text=True, stdin=pipe, stdout=pipe, stderr=pipe) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        assert process.stderr is not None
        url = process.stdout.readline().strip()
        process.stdin.write("gremlins on\nunplugged on\n")
        process.stdin.flush()
        assert "there is no fault 'gremlins'" in process.stderr.readline()
        assert process.stderr.readline() == "unplugged is on\n"
        silent = command("ping", url)
        process.stdin.write("unplugged off\n")
        process.stdin.close()  # nobody types any more, and it goes on
        assert process.stderr.readline() == "unplugged is off\n"
        mended = command("ping", url)
        process.terminate()
    assert (silent.returncode, mended.returncode) == (1, 1)  # the motors have no power before a car is there
    assert "device 200: ping" in silent.stderr
    assert "200 board: model 60200" in mended.stdout


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*PIXELOPOLIS, *arguments], capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("options", [(), ("--tcp", "127.0.0.1:0")])
def test_emulate_prints_a_url_that_a_car_can_use(options: tuple[str, ...]) -> None:
    with emulated(*options) as url:
        board: Board = open_patiently(url)
        until(lambda: board.exchange(2.0, 2.0).left.velocity_rad_s > 1.0)
        board.close()
        pinged = command("ping", url)
        assert pinged.returncode == 1, "the motors are switched off again"
        assert "200 board: model 60200" in pinged.stdout
        assert "1 left motor: silent" in pinged.stdout
        watched = command("monitor", url, "--count", "2", "--interval", "0.05")
    assert watched.returncode == 0, watched.stderr
    lines = watched.stdout.splitlines()
    assert lines.count("board\tcontrol\tmotor power\t0") == 2
    assert lines.count("right motor\tsilent: no power, or not connected") == 2


def test_mistakes_are_one_line() -> None:
    missing = command("ping", "/dev/ttyNone")
    assert missing.returncode == 1
    assert missing.stderr.count("\n") == 1
    assert "/dev/ttyNone" in missing.stderr
    wrong = command("emulate", "--tcp", "nowhere")
    assert wrong.returncode == 2
    assert "give HOST:PORT" in wrong.stderr
