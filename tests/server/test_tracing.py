"""A ride as one trace: the station's calls, the server's states, the car's drive."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from car.connection.drive_traces import DriveTraces
from city.city import City
from fleet.messages import Report
from fleet.tracing import RIDE_ID, RideIds
from fleet.views import RideState
from server.observability.ride_traces import RideTraces
from server.store.base import Event
from tests.server import visitor
from tests.server.conftest import RunningServer, client, running_server
from tests.server.live_car import LiveCar, running

FOREIGN_TRACE = "0af7651916cd43dd8448eb211c80319c"
FOREIGN_SPAN = "b7ad6b7169203331"


class Spans(InMemorySpanExporter):
    """What a collector would get."""

    def of(self, trace_id: str) -> dict[str, ReadableSpan]:
        """By name; none is there twice."""
        spans = [span for span in self.get_finished_spans() if trace_of(span) == trace_id]
        assert len({span.name for span in spans}) == len(spans), [span.name for span in spans]
        return {span.name: span for span in spans}


def trace_of(span: ReadableSpan) -> str:
    assert span.context is not None
    return f"{span.context.trace_id:032x}"


def parent(span: ReadableSpan) -> int | None:
    return span.parent.span_id if span.parent else None


def own_id(span: ReadableSpan) -> int:
    assert span.context is not None
    span_id: int = span.context.span_id
    return span_id


class TracedCar(LiveCar):
    """A double with a real car's traces."""

    traces: DriveTraces

    def report(self) -> Report:
        report = super().report()
        self.traces.look(report)
        return report


@pytest.fixture
def spans() -> Spans:
    return Spans()


@pytest.fixture
def provider(spans: Spans) -> Iterator[TracerProvider]:
    provider = TracerProvider(id_generator=RideIds())
    provider.add_span_processor(SimpleSpanProcessor(spans))
    yield provider
    provider.shutdown()


async def _drive(http: httpx.AsyncClient, city: City, server: RunningServer, provider: TracerProvider) -> str:
    """A ride from its booking to its end, as the station's page asks for it."""
    car = TracedCar(city, "car-1", 2, 0.3, server.link_url)
    car.traces = DriveTraces(provider, "car-1")
    async with running(car):
        await visitor.cars_online(http, 1)
        ride = await visitor.book(http, await visitor.register(http), "visit-1")
        traced = {"traceparent": f"00-{ride.ride_id}-{ride.ride_id[:16]}-01", **visitor.key_of(ride.ride_id)}
        path = f"/api/rides/{ride.ride_id}"
        await http.post(f"{path}/destination", json={"place_id": "museum"}, headers=traced)
        await visitor.until(http, ride.ride_id, RideState.ARRIVED)
        await http.post(f"{path}/end", headers=traced)
    return ride.ride_id


async def test_a_ride_is_one_trace_from_the_station_to_the_car(
    spans: Spans, provider: TracerProvider, city: City
) -> None:
    async with running_server(tracing=provider) as server, client(server) as http:
        ride_id = await _drive(http, city, server, provider)
    found = spans.of(ride_id)
    calls = {"POST /api/rides", "POST /api/rides/{ride_id}/destination", "POST /api/rides/{ride_id}/end"}
    assert set(found) == {*calls, "ride", "choosing", "riding", "arrived", "drive"}
    assert {span.attributes and span.attributes[RIDE_ID] for span in found.values()} == {ride_id}
    assert parent(found["POST /api/rides"]) is None
    assert parent(found["ride"]) == own_id(found["POST /api/rides"])
    below = {name for name, span in found.items() if parent(span) == own_id(found["ride"])}
    assert below == set(found) - {"ride", "POST /api/rides"}
    times = [found[name].start_time for name in ("ride", "riding", "drive", "arrived")]
    assert times == sorted(times, key=lambda at_ns: at_ns or 0)


async def test_a_stations_own_trace_is_kept_and_linked(spans: Spans, provider: TracerProvider) -> None:
    async with running_server(tracing=provider) as server, client(server) as http:
        station_id = await visitor.register(http)
        http.headers["traceparent"] = f"00-{FOREIGN_TRACE}-{FOREIGN_SPAN}-01"
        ride = await visitor.book(http, station_id, "visit-1")
        del http.headers["traceparent"]
        await visitor.act(http, ride.ride_id, "cancel")
    assert ride.ride_id != FOREIGN_TRACE
    call = spans.of(FOREIGN_TRACE)["POST /api/rides"]
    assert parent(call) == int(FOREIGN_SPAN, 16)
    assert call.attributes
    assert call.attributes[RIDE_ID] == ride.ride_id
    whole = spans.of(ride.ride_id)
    assert set(whole) == {"ride", "waiting"}
    assert [link.context.span_id for link in whole["ride"].links] == [own_id(call)]
    assert whole["ride"].attributes
    assert whole["ride"].attributes["pixelopolis.ride.outcome"] == "cancelled"


async def test_nothing_with_a_token_or_without_an_end_is_traced(spans: Spans, provider: TracerProvider) -> None:
    async with running_server(tracing=provider) as server, client(server) as http:
        ride = await visitor.book(http, await visitor.register(http), "visit-1")
        assert ride.code_path is not None
        await http.get(ride.code_path.removesuffix("/code.svg"))
        async with http.stream("GET", "/api/events") as events:
            assert events.status_code == 200
    assert not [span.name for span in spans.get_finished_spans() if "shared" in span.name or "events" in span.name]


def test_a_ride_goes_on_in_its_trace_after_a_restart(spans: Spans, provider: TracerProvider) -> None:
    ride_id = uuid.uuid4().hex
    RideTraces(provider).happened([Event(1.0, "ride.waiting", ride_id), Event(2.0, "ride.choosing", ride_id, "car-1")])
    RideTraces(provider).happened([Event(9.0, "ride.riding", ride_id, "car-1"), Event(12.0, "ride.cancelled", ride_id)])
    whole = spans.of(ride_id)
    assert set(whole) == {"waiting", "riding", "ride"}
    assert own_id(whole["ride"]) == int(ride_id[:16], 16)
    assert [parent(whole[name]) for name in ("waiting", "riding")] == [own_id(whole["ride"])] * 2
    assert [whole["riding"].start_time, whole["riding"].end_time] == [9_000_000_000, 12_000_000_000]


def test_other_events_are_no_spans(spans: Spans, provider: TracerProvider) -> None:
    strange_ride = Event(1.0, "ride.waiting", "ride-1")
    RideTraces(provider).happened([Event(1.0, "car.joined", car_id="car-1"), Event(1.0, "fleet.stopped"), strange_ride])
    assert spans.get_finished_spans() == ()


def test_ids_that_do_not_follow_rides_are_refused() -> None:
    with pytest.raises(TypeError, match="RideIds"):
        RideTraces(TracerProvider())
