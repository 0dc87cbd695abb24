"""Metrics and logs of a running server, as Prometheus and a collector of logs read them."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from city.city import City
from fleet.views import RideState
from pixelopolis.logs import LogForm, set_up_logging
from tests.server import visitor
from tests.server.conftest import RunningServer
from tests.server.live_car import LiveCar, running
from tests.server.waiting import eventually


@pytest.fixture
def car(server: RunningServer, city: City) -> LiveCar:
    return LiveCar(city, "car-1", 2, 0.2, server.link_url)


async def scrape(http: httpx.AsyncClient) -> dict[str, float]:
    """Samples by their name and labels as Prometheus writes them, label values alone."""
    answer = (await http.get("/metrics")).raise_for_status()
    assert answer.headers["content-type"].startswith("text/plain; version=")
    return {
        " ".join([sample.name, *sample.labels.values()]): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


async def whole_ride(http: httpx.AsyncClient) -> str:
    await visitor.cars_online(http, 1)
    station = await visitor.register(http)
    ride = await visitor.book(http, station, "visit-1")
    await visitor.act(http, ride.ride_id, "destination", {"place_id": "museum"})
    await visitor.until(http, ride.ride_id, RideState.ARRIVED)
    await visitor.act(http, ride.ride_id, "end")
    return ride.ride_id


async def test_an_empty_city_has_every_series_that_can_be_foreseen(http: httpx.AsyncClient) -> None:
    found = await scrape(http)
    assert found["pixelopolis_store_works"] == 1
    assert (found["pixelopolis_fleet_stopped"], found["pixelopolis_closed_edges"]) == (0, 0)
    assert [found[f"pixelopolis_cars {status}"] for status in ("online", "localising", "lost")] == [0, 0, 0]
    assert [found[f"pixelopolis_rides {state}"] for state in ("waiting", "riding", "interrupted")] == [0, 0, 0]
    assert "pixelopolis_rides ended" not in found


async def test_what_operators_have_ordered_is_measured(http: httpx.AsyncClient) -> None:
    for act in ("stop", "edges/15/close", "edges/8/close", "edges/8/open"):
        (await http.post(f"/api/operator/{act}")).raise_for_status()
    found = await scrape(http)
    assert (found["pixelopolis_fleet_stopped"], found["pixelopolis_closed_edges"]) == (1, 1)
    assert found["pixelopolis_events_total edge.closed"] == 2


async def test_a_ride_is_counted_in_all_that_it_touches(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        await whole_ride(http)
        found = await scrape(http)
    assert found["pixelopolis_cars online"] == 1
    assert found["pixelopolis_car_battery_ratio car-1"] == pytest.approx(0.8)
    assert found["pixelopolis_car_last_report_age_seconds car-1"] < 1
    assert found["pixelopolis_car_faults car-1"] == 0
    assert "pixelopolis_car_control_rate_hertz car-1" not in found  # this double does not tell it
    assert found["pixelopolis_events_total car.joined"] == 1
    assert found["pixelopolis_events_total ride.arrived"] == found["pixelopolis_events_total ride.ended"] == 1
    assert found["pixelopolis_step_seconds_count"] > 3
    assert found["pixelopolis_failed_steps_total"] == 0
    route = "POST /api/rides/{ride_id}/destination 200"
    assert found[f"pixelopolis_http_answer_seconds_count {route}"] == 1


async def test_what_does_not_exist_makes_no_series_of_its_own(http: httpx.AsyncClient) -> None:
    for path in ("/nonsense", "/api/nonsense", "/api/cars/car-9"):
        assert (await http.get(path)).status_code == 404
    found = await scrape(http)
    assert not [name for name in found if "nonsense" in name or "car-9" in name]
    assert found["pixelopolis_http_answer_seconds_count GET /api/cars/{car_id} 404"] == 1
    assert found["pixelopolis_http_answer_seconds_count GET none 404"] == 2


async def test_no_ride_and_no_station_can_be_told_from_metrics(http: httpx.AsyncClient, car: LiveCar) -> None:
    async with running(car):
        ride_id = await whole_ride(http)
    text = (await http.get("/metrics")).text
    assert ride_id not in text
    assert "tablet-1" not in text


async def test_a_server_is_alive_even_without_its_store(
    http: httpx.AsyncClient, server: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server.context.dispatcher._ledger, "trouble", "the disk is full")
    assert (await http.get("/api/live")).status_code == 200
    monkeypatch.undo()
    assert (await http.get("/api/health")).status_code == 200


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """What a process that logs JSON writes."""
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    root.handlers.clear()
    written = io.StringIO()
    set_up_logging(LogForm.JSON, process="server-1")
    handler = root.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(written)
    yield written
    root.handlers[:] = before
    root.setLevel(level)


async def test_a_ride_can_be_followed_through_the_log_by_its_id(
    log: io.StringIO, http: httpx.AsyncClient, car: LiveCar
) -> None:
    async with running(car):
        ride_id = await whole_ride(http)
        await eventually(lambda: "ride.ended" in log.getvalue())
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert {line["process"] for line in lines} == {"server-1"}
    of_ride = [line for line in lines if line.get("ride_id") == ride_id]
    assert [line["message"].split()[0] for line in of_ride] == [
        "ride.choosing",
        "ride.riding",
        "ride.arrived",
        "ride.ended",
    ]
    assert {line["level"] for line in of_ride} == {"INFO"}
    assert all(line["time"] for line in of_ride)
    assert of_ride[1]["car_id"] == "car-1"
