"""Settings for all tests."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

# Shared, slow machines make single examples late without anything being wrong; the same examples every time.
settings.register_profile("project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
