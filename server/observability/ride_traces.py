"""Rides as traces: from what was stored, one span for each ride, and below it one for each of its states.

Import it only where traces are asked for; see `fleet.tracing`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from opentelemetry import trace
from opentelemetry.context import Context
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.util.types import Attributes

from fleet.tracing import CAR_ID, RIDE_ID, STATION_ID, RideIds, has_trace, ride_span
from fleet.views import FINAL_STATES, RideState
from server.store.base import Event

_EVENTS = "ride."
_NANOSECONDS = 1_000_000_000


@dataclass(slots=True)
class _Open:
    """A ride under way."""

    ride: trace.Span
    state: trace.Span


class RideTraces:
    """Hears of every event that was stored."""

    def __init__(self, provider: TracerProvider) -> None:
        """Use a provider whose ids are `RideIds`."""
        if not isinstance(provider.id_generator, RideIds):
            raise TypeError("traces of rides need a provider with RideIds, as of open_provider")
        self._tracer = provider.get_tracer("pixelopolis.server")
        self._ids = provider.id_generator
        self._open: dict[str, _Open] = {}

    def new_ride_id(self) -> str:
        """Of a ride that is booked now: the id of the trace of the call, if that began here and with nobody else."""
        call = trace.get_current_span()
        if isinstance(call, ReadableSpan) and call.parent is None:
            return trace.format_trace_id(call.get_span_context().trace_id)
        return uuid.uuid4().hex

    def happened(self, events: Iterable[Event]) -> None:
        """Take in what was stored."""
        for event in events:
            ride_id = event.ride_id
            if ride_id is not None and has_trace(ride_id) and event.kind.startswith(_EVENTS):
                self._step(ride_id, RideState(event.kind.removeprefix(_EVENTS)), event)

    def _step(self, ride_id: str, state: RideState, event: Event) -> None:
        at_ns = round(event.at_s * _NANOSECONDS)
        told = {RIDE_ID: ride_id, CAR_ID: event.car_id, STATION_ID: event.station_id}
        about: Attributes = {key: value for key, value in told.items() if value is not None}
        trace.get_current_span().set_attribute(RIDE_ID, ride_id)
        before = self._open.pop(ride_id, None)
        if before is not None:
            before.state.end(at_ns)
        ride = before.ride if before is not None else self._begin(ride_id, about, at_ns)
        if state in FINAL_STATES:
            ride.set_attribute("pixelopolis.ride.outcome", state.value)
            ride.end(at_ns)
            return
        within = trace.set_span_in_context(ride, Context())
        links = _links_to_call(ride_id)
        step = self._tracer.start_span(state.value, within, attributes=about, links=links, start_time=at_ns)
        self._open[ride_id] = _Open(ride, step)

    def _begin(self, ride_id: str, about: Attributes, at_ns: int) -> trace.Span:
        """The span `ride`: below the call that booked it, if the trace began there."""
        call = trace.get_current_span().get_span_context()
        within = None if call.trace_id == ride_span(ride_id).trace_id else Context()
        with self._ids.of_ride(ride_id):
            return self._tracer.start_span(
                "ride", within, attributes=about, links=_links_to_call(ride_id), start_time=at_ns
            )


def _links_to_call(ride_id: str) -> list[trace.Link]:
    """To the call that leads to a step, where its trace is another one's."""
    call = trace.get_current_span().get_span_context()
    return [trace.Link(call)] if call.is_valid and call.trace_id != ride_span(ride_id).trace_id else []
