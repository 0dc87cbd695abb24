"""What a car does for its rides, as spans. Import it only where traces are asked for; see `fleet.tracing`."""

from __future__ import annotations

from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider

from fleet.messages import DriveMode, Report
from fleet.tracing import CAR_ID, RIDE_ID, ride_of_order, within_ride


class DriveTraces:
    """A span `drive` for each ride: from the first report with its order to the one that says that the car has arrived.

    Each change of the car's mode is an event of it.
    """

    def __init__(self, provider: TracerProvider, car_id: str) -> None:
        self._tracer = provider.get_tracer("pixelopolis.car")
        self._car_id = car_id
        self._ride_id: str | None = None
        self._mode: DriveMode | None = None
        self._span: trace.Span = trace.INVALID_SPAN

    def look(self, report: Report) -> None:
        """Take in a report of the car; returns at once."""
        ride_id = None if report.mode is DriveMode.ARRIVED else ride_of_order(report.order_id)
        if report.mode is not self._mode:
            self._span.add_event(report.mode.value)
        if ride_id != self._ride_id:
            self._span.end()
            self._span = trace.INVALID_SPAN if ride_id is None else self._begin(ride_id, report.mode)
        self._ride_id, self._mode = ride_id, report.mode

    def _begin(self, ride_id: str, mode: DriveMode) -> trace.Span:
        span = self._tracer.start_span(
            "drive", within_ride(ride_id), attributes={RIDE_ID: ride_id, CAR_ID: self._car_id}
        )
        span.add_event(mode.value)
        return span
