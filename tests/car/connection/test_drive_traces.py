"""Spans of a car's drives, from its reports alone."""

from __future__ import annotations

import uuid

import pytest
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from car.connection.drive_traces import DriveTraces
from fleet.messages import DriveMode, Report
from fleet.tracing import CAR_ID, RIDE_ID, ride_of_order

RIDE, NEXT_RIDE = (uuid.UUID(int=1 << 127 | number, version=4).hex for number in (1, 2))


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(spans: InMemorySpanExporter) -> DriveTraces:
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return DriveTraces(provider, "car-1")


def look(traces: DriveTraces, *reports: tuple[DriveMode, str | None]) -> None:
    for sequence, (mode, order_id) in enumerate(reports):
        words = {"sequence": sequence, "mode": mode, "position": None, "speed_mps": 0.0, "order_id": order_id}
        traces.look(Report.model_validate({**words, "battery_percent": 80, "battery_v": 11.8}))


def events(span: ReadableSpan) -> list[str]:
    return [event.name for event in span.events]


def test_a_drive_is_a_span_of_its_ride(traces: DriveTraces, spans: InMemorySpanExporter) -> None:
    order = f"{RIDE}.series.7"
    look(
        traces,
        (DriveMode.DRIVING, "roam.series.6"),
        (DriveMode.DRIVING, order),
        (DriveMode.WAITING, order),
        (DriveMode.WAITING, order),
        (DriveMode.DRIVING, f"{RIDE}.series.8"),  # another way to the same place
        (DriveMode.ARRIVED, f"{RIDE}.series.8"),
        (DriveMode.ARRIVED, f"{RIDE}.series.8"),
        (DriveMode.DRIVING, "roam.series.9"),
    )
    [span] = spans.get_finished_spans()
    assert span.name == "drive"
    assert span.context is not None
    assert f"{span.context.trace_id:032x}" == RIDE
    assert span.parent is not None
    assert f"{span.parent.span_id:016x}" == RIDE[:16]
    assert span.attributes == {RIDE_ID: RIDE, CAR_ID: "car-1"}
    assert events(span) == ["driving", "waiting", "driving", "arrived"]


def test_a_ride_that_is_given_up_ends_its_drive(traces: DriveTraces, spans: InMemorySpanExporter) -> None:
    look(traces, (DriveMode.DRIVING, f"{RIDE}.s.1"), (DriveMode.DRIVING, f"{NEXT_RIDE}.s.2"), (DriveMode.IDLE, None))
    assert [span.attributes and span.attributes[RIDE_ID] for span in spans.get_finished_spans()] == [RIDE, NEXT_RIDE]


@pytest.mark.parametrize("order_id", [None, "", "roam.s.1", "service.s.2", RIDE[:-1], "g" * 32, f"x{RIDE}.s.1"])
def test_other_orders_serve_no_ride(order_id: str | None) -> None:
    assert ride_of_order(order_id) is None
