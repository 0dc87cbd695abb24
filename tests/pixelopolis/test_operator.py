"""Operators and cars at the command line, against a server that has just been started for the first time."""

from __future__ import annotations

import os
import re
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from car.connection.enrolment import car_key
from fleet.key_file import key_path, read_key, write_key

PASSWORD = "a sentence that nobody guesses"  # noqa: S105
FIRST_WORDS_TIMEOUT_S = 60.0


class Home:
    """A user with files of their own, who types commands."""

    def __init__(self, folder: Path) -> None:
        self.environment = {
            **os.environ,
            "XDG_STATE_HOME": str(folder / "state"),
            "PIXELOPOLIS_OPERATOR_PASSWORD": PASSWORD,
        }

    def type(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "pixelopolis", *words]
        return subprocess.run(command, capture_output=True, text=True, timeout=100, check=False, env=self.environment)

    def expect(self, *words: str) -> str:
        done = self.type(*words)
        assert done.returncode == 0, done.stderr
        return done.stdout


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, str]]:
    """Address and first code of a server, as it tells them."""
    command = [sys.executable, "-m", "pixelopolis", "server", "--port", "0", "--store", f"sqlite:{tmp_path}/store"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        for line in process.stderr:
            found = re.search(r"operator enrol --server (http://\S+) --name \S+ --code (\S+)", line)
            if found:
                break
        assert found
        yield found[1], found[2]
        process.terminate()
        process.stderr.read()


def test_from_the_first_start_to_a_car_with_a_key(server: tuple[str, str], home: Home, tmp_path: Path) -> None:
    url, code = server
    home.expect("operator", "enrol", "--server", url, "--name", "alice", "--code", code)
    assert home.type("operator", "enrol", "--server", url, "--name", "bob", "--code", code).returncode == 1

    issued = home.type("operator", "code", "car", "car-1", "--server", url)
    car_code = issued.stdout.strip()
    assert f"pixelopolis car enrol --id car-1 --server {url} --code {car_code}" in issued.stderr
    refused = home.type("car", "enrol", "--id", "car-2", "--server", url, "--code", car_code)
    assert refused.returncode == 1
    assert "this code is for car car-1, not for car car-2" in refused.stderr
    told = home.expect("car", "enrol", "--id", "car-1", "--server", url, "--code", car_code)

    path = key_path("car-1", url, tmp_path / "state" / "pixelopolis")
    assert str(path) in told.replace("\n", "")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    headers = {"Authorization": f"Bearer {read_key(path)}"}
    assert httpx.get(f"{url}/api/me", headers=headers).json() == {"role": "car", "name": "car-1"}
    assert "car-1" in home.expect("operator", "enrolled", "--server", url)

    home.expect("operator", "revoke", "car", "car-1", "--server", url)
    assert httpx.get(f"{url}/api/me", headers=headers).status_code == 401
    home.expect("operator", "logout", "--server", url)
    assert "not logged in" in home.type("operator", "enrolled", "--server", url).stderr
    home.expect("operator", "login", "--server", url, "--name", "alice")
    log = home.expect("operator", "audit", "--server", url)
    assert "DELETE" in log
    assert "alice" in log


def test_a_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = key_path("car-1", "http://server:5355", tmp_path)
    write_key(path, "id.secret")
    assert read_key(path) == "id.secret"
    path.chmod(0o640)
    with pytest.raises(OSError, match="others can read this key; run: chmod 600"):
        read_key(path)
    write_key(path, "id.newer")
    assert read_key(path) == "id.newer"


def test_each_server_has_a_key_of_its_own(tmp_path: Path) -> None:
    write_key(key_path("car-1", "http://server:5355/", tmp_path), "id.secret")
    assert read_key(key_path("car-1", "http://server:5355", tmp_path)) == "id.secret"
    for other in ("https://server:5355", "http://server:5356", "http://server.example:5355", "http://server:5355/town"):
        assert read_key(key_path("car-1", other, tmp_path)) is None


def test_a_car_without_a_key_says_how_it_gets_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with pytest.raises(RuntimeError, match="pixelopolis car enrol --id car-1 --server http://server:5355 --code CODE"):
        car_key("http://server:5355", "car-1")
    monkeypatch.setenv("PIXELOPOLIS_CAR_KEY", "id.secret")
    assert car_key("http://server:5355", "car-1") == "id.secret"
