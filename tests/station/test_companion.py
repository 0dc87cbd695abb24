"""A ride taken along on a phone: seen there, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from fleet.views import RideState
from server.rides.sharing import share_token
from tests.station.double import CityDouble
from tests.station.serving import RunningDouble
from tests.station.visitor_page import VisitorPage


@pytest.fixture
def station(page: Page, server: RunningDouble, double: CityDouble) -> VisitorPage:
    """A visitor on the way to the museum."""
    visitor = VisitorPage(page, server)
    visitor.start()
    visitor.choose("museum")
    double.drive(0.2)
    return visitor


@pytest.fixture
def phone(browser: Browser, station: VisitorPage, double: CityDouble) -> Iterator[VisitorPage]:
    """The phone of somebody who took the ride along."""
    with browser.new_context(locale="es-ES", viewport={"width": 360, "height": 740}, has_touch=True) as context:
        query = f"?ride={share_token(double.trip.ride_id)}"
        yield VisitorPage(context.new_page(), station.server, query, first="ride")


def test_code_is_shown_where_phones_can_use_it(station: VisitorPage) -> None:
    expect(station.page.locator(".ride-code")).to_be_visible()
    station.sees("Take the ride along on your phone.")
    station.page.set_viewport_size({"width": 360, "height": 740})
    expect(station.page.locator(".ride-code")).to_be_hidden()


def test_no_code_without_an_address_for_phones(page: Page, server: RunningDouble, double: CityDouble) -> None:
    double.has_code = False
    visitor = VisitorPage(page, server)
    visitor.start()
    with page.expect_response("**/code.svg"):
        visitor.choose("museum")
    expect(page.locator(".ride-code")).to_be_hidden()


def test_the_ride_is_seen_to_its_end(station: VisitorPage, phone: VisitorPage, double: CityDouble) -> None:
    phone.sees("Próxima parada: Museo")
    phone.wait_for_video()
    phone.picture_changes()
    assert phone.page.locator("main button").count() == 0
    double.set_state(RideState.INTERRUPTED)
    phone.sees("Hemos perdido el contacto con tu coche")
    double.drive(1)
    phone.sees("¡Has llegado!")
    assert phone.page.locator("main button").count() == 0
    double.set_state(RideState.ENDED)
    phone.sees("Este viaje ha terminado")
    station.on("thanks")


def test_a_phone_is_told_that_staff_is_at_the_wheel(phone: VisitorPage, double: CityDouble) -> None:
    double.set_operator(held=True, driven=True)
    phone.sees("Alguien del personal conduce el coche un momento.")
    double.set_state(RideState.INTERRUPTED)
    phone.sees("El personal ha parado tu coche")
    double.set_operator(held=False)
    phone.sees("Hemos perdido el contacto con tu coche")


def test_a_phone_only_asks(phone: VisitorPage, double: CityDouble) -> None:
    before = [request for request in double.requests if request[0] != "GET"]
    phone.wait_for_video()
    double.drive(1)
    phone.on("arrived")
    phone.page.reload(wait_until="domcontentloaded")
    phone.on("arrived")
    assert [request for request in double.requests if request[0] != "GET"] == before
    assert phone.page.evaluate("localStorage.getItem('pixelopolis.visit')") is None


def test_server_vanishes_and_returns(phone: VisitorPage, server: RunningDouble, double: CityDouble) -> None:
    server.stop()
    phone.sees("Se ha perdido la conexión con la ciudad. Volverá sola: espera un momento.")
    server.start()
    phone.sees("La conexión ha vuelto.")
    double.drive(0.6)
    phone.picture_changes()


def test_a_link_to_no_ride(page: Page, server: RunningDouble) -> None:
    VisitorPage(page, server, "?ride=0123456789abcdef", first="over").sees("This ride is over")
