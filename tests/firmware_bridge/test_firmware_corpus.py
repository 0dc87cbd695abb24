"""What a fuzzer has found worth keeping, run again under the sanitizers: nothing breaks, and silence ends all power."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from tests.firmware_bridge.firmware_build import FIRMWARE

CORPUS = Path(__file__).parent / "corpus"


def replay(programs: Path, *scripts: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [programs / "fuzz_replay", *scripts], capture_output=True, text=True, check=False, timeout=100
    )


def test_nothing_in_the_corpus_breaks_the_firmware(firmware_programs: Path) -> None:
    scripts = sorted(CORPUS.iterdir())
    assert len(scripts) > 100
    done = replay(firmware_programs, *scripts)
    assert done.returncode == 0, done.stderr[-2000:]
    size = sum(script.stat().st_size for script in scripts)
    assert done.stdout == f"{len(scripts)} scripts, {size} bytes\n"


def test_a_script_that_cannot_be_read_is_told(firmware_programs: Path, tmp_path: Path) -> None:
    done = replay(firmware_programs, tmp_path / "none")
    assert done.returncode == 2
    assert "none: No such file" in done.stderr


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_fuzzer_finds_nothing_in_a_while(tmp_path: Path) -> None:
    if not shutil.which("clang"):
        pytest.skip("libFuzzer is a part of clang, which `make fuzz` installs")
    shutil.copytree(CORPUS, tmp_path / "corpus")
    words = [f"BUILD={tmp_path}", f"CORPUS={tmp_path / 'corpus'}", "FUZZ_SECONDS=30"]
    done = subprocess.run(["make", "-C", FIRMWARE, "fuzz", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
