"""Fixtures of the tests that need Docker. `make test-compose` sees to an engine; elsewhere they are skipped."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from city.city import City
from city.files import load_city
from pixelopolis.demo.fleet import free_port
from tests.compose.composed import ComposedFleet
from tests.compose.report import Report
from tests.compose.visitors import Operator

WANTED = "PIXELOPOLIS_COMPOSE"  # set by scripts/test_compose.sh, once there is an engine
REPORT = Path(__file__).parents[2] / "build" / "compose-report.md"


@pytest.fixture(scope="session")
def report() -> Iterator[Report]:
    """What is measured, printed and written at the end."""
    report = Report()
    yield report
    report.write(REPORT)


@pytest.fixture(scope="session")
def fleet(tmp_path_factory: pytest.TempPathFactory, report: Report) -> Iterator[ComposedFleet]:
    """A fleet in containers with two cars, built and brought up from the project's files."""
    if not os.environ.get(WANTED):
        pytest.skip("needs Docker: run `make test-compose`")
    fleet = ComposedFleet("pixelopolis-test", free_port(), tmp_path_factory.mktemp("secrets"))
    with report.time("build all images"):
        fleet.compose("build")
    with report.time("`docker compose up` until all are healthy"):
        fleet.up("--wait", "--no-build")
    try:
        yield fleet
    finally:
        with report.time("`docker compose down`"):
            fleet.down()


@pytest.fixture
async def operator(fleet: ComposedFleet) -> AsyncIterator[Operator]:
    operator = Operator(fleet.url)
    await operator.log_in(fleet.password)
    yield operator
    await operator.http.aclose()


@pytest.fixture(scope="session")
def city() -> City:
    return load_city("pixelopolis")
