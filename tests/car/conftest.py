"""Cities and tiny models that the car's tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from city.city import City
from city.files import load_city


@pytest.fixture(scope="session")
def city() -> City:
    """The default city."""
    return load_city("pixelopolis")


@pytest.fixture(scope="session")
def models() -> Path:
    """The folder of the tiny models."""
    return Path(__file__).parent / "tiny_models"
