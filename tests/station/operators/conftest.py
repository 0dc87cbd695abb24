"""A running server with cars, and an operator who is logged in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from server.traffic.operator_acts import OperatorActs
from tests.station.operators.live_city import LiveCity
from tests.station.operators.operator_page import OperatorPage


@pytest.fixture(scope="package")
def one_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LiveCity]:
    """One for all tests of this folder: see `live`."""
    city = LiveCity(tmp_path_factory.mktemp("live-city"))
    yield city
    city.close()


@pytest.fixture
def live(one_city: LiveCity) -> Iterator[LiveCity]:
    """The city; what a test has ordered is taken back at its end."""
    yield one_city
    for car in one_city.cars:
        car.is_silent = car.battery_low = False
        car.faults = ()
    one_city.server.context.dispatcher.fleet.acts = OperatorActs()


@pytest.fixture
def operator(page: Page, live: LiveCity) -> OperatorPage:
    """An operator who has logged in and looks at the fleet."""
    live.log_in(page.context)
    operator = OperatorPage(page, live)
    operator.on("fleet")
    expect(page.locator(".map-cars .map-car:not(.hidden)")).to_have_count(len(live.cars))
    return operator


@pytest.fixture
def another_browser(browser: Browser) -> Iterator[BrowserContext]:
    """Of somebody else."""
    with browser.new_context(locale="en-GB") as context:
        yield context
