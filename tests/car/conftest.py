"""Cities and tiny models that the car's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from city.city import City
from city.files import load_city
from tests.car.ssd_files import make_in_subprocess


@pytest.fixture(scope="session")
def city() -> City:
    """The default city."""
    return load_city("pixelopolis")


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the tiny models."""
    return Path(__file__).parent / "tiny_models"


@pytest.fixture
def config(models: Path, tmp_path: Path) -> Path:
    """A car's configuration with tiny models."""
    path = tmp_path / "car.yaml"
    path.write_text(f"lane_model: {models}/plain.tflite\ndetector_model: {models}/detector.tflite\n")
    return path


@pytest.fixture(scope="session")
def ssd_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of small detectors in every form that converters give, without sidecars."""
    out = tmp_path_factory.mktemp("ssd")
    make_in_subprocess(out)
    return out
