"""Building the firmware's host programs for tests."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

FIRMWARE = Path(__file__).parents[2] / "firmware_bridge" / "firmware"


def build(target: str, folder: Path) -> Path:
    """Build a target of the firmware's Makefile; returns the folder with its programs."""
    if not shutil.which("gcc") or not shutil.which("make"):
        pytest.skip("the firmware's host build needs gcc and make")
    command = ["make", "-C", str(FIRMWARE), target, f"BUILD={folder}"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder / "sanitized" if target == "sanitized" else folder


def run(program: Path, data: bytes) -> str:
    """What a program writes about `data`; a sanitizer's finding ends it with an error."""
    environment = os.environ | {"ASAN_OPTIONS": "detect_leaks=0"}  # nothing is allocated
    done = subprocess.run([program], input=data, capture_output=True, env=environment, check=False, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
