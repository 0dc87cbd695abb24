"""Settings for all tests."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings

# Shared, slow machines make single examples late without anything being wrong; the same examples every time.
settings.register_profile("project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the files that train networks: two at a time, a long one at the end would have nothing beside it."""
    items.sort(key=lambda item: not item.path.parent.name.startswith("models_"))
