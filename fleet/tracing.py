"""Traces of rides, in the words of OpenTelemetry. Needs the extra `tracing`: import it only where traces are asked for.

A ride's id and a trace's id have the same form, 32 hexadecimal digits, so the ride's id is its trace's: server and cars
find the same trace without a word about it in their messages. The first half is the id of the trace's span `ride`.
"""

from __future__ import annotations

import re
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.id_generator import IdGenerator

RIDE_ID = "pixelopolis.ride.id"
CAR_ID = "pixelopolis.car.id"
STATION_ID = "pixelopolis.station.id"
SENDING_S = 2.0  # then what a collector does not take is dropped; so long may a process that ends wait for it
TRACES_PATH = "/v1/traces"  # of OTLP over HTTP, below the address of a collector

_RIDE_ID = re.compile(r"[0-9a-f]{32}")
_SPAN_DIGITS = 16


def has_trace(ride_id: str) -> bool:
    """Whether a ride's id can be a trace's: every server's can, but what is in a store may be of anybody's making."""
    return _RIDE_ID.fullmatch(ride_id) is not None


def ride_of_order(order_id: str | None) -> str | None:
    """The ride that an order serves; None for one that serves none."""
    purpose = (order_id or "").partition(".")[0]
    return purpose if has_trace(purpose) else None


def ride_span(ride_id: str) -> trace.SpanContext:
    """The span `ride` of a ride's trace.

    Raises:
        ValueError: if the ride's id is not 32 hexadecimal digits.
    """
    trace_id, span_id = int(ride_id, 16), int(ride_id[:_SPAN_DIGITS], 16)
    return trace.SpanContext(trace_id, span_id, is_remote=True, trace_flags=trace.TraceFlags(trace.TraceFlags.SAMPLED))


def within_ride(ride_id: str) -> Context:
    """Where spans begin that are part of a ride."""
    return trace.set_span_in_context(trace.NonRecordingSpan(ride_span(ride_id)), Context())


class RideIds(IdGenerator):
    """Ids as hard to guess as those of rides, which are made of them; and, where asked for, those of a ride's span."""

    def __init__(self) -> None:
        self._next: trace.SpanContext | None = None

    @contextmanager
    def of_ride(self, ride_id: str) -> Iterator[None]:
        """A span that begins inside of this block is the span `ride`."""
        self._next = ride_span(ride_id)
        try:
            yield
        finally:
            self._next = None

    def generate_span_id(self) -> int:
        """64 bits, not all 0."""
        return self._next.span_id if self._next else 1 + secrets.randbelow(2**64 - 1)

    def generate_trace_id(self) -> int:
        """128 bits."""
        return self._next.trace_id if self._next else uuid.uuid4().int


def open_provider(service: str, collector_url: str | None) -> TracerProvider:
    """Spans of this process, sent by a thread of its own until the process ends; no collector can delay the process.

    Args:
        service: the name of this part of the system.
        collector_url: of OTLP over HTTP, as `http://127.0.0.1:4318`; None for that of OTEL_EXPORTER_OTLP_ENDPOINT.
    """
    endpoint = None if collector_url is None else collector_url.rstrip("/") + TRACES_PATH
    provider = TracerProvider(id_generator=RideIds(), resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint, timeout=SENDING_S)))
    return provider
