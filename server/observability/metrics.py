"""Counters and histograms of one server, in a registry of its own. Names follow Prometheus's conventions."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Histogram

from server.store.base import Event

STEP_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0)  # a step is due every 0.1 s
ANSWER_BUCKETS_S = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 2.5)


class Metrics:
    """What happened since the server's start; `registry` has it all."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._events = Counter(
            "pixelopolis_events", "Events of the history that this server stored", ["kind"], registry=self.registry
        )
        self._steps = Histogram(
            "pixelopolis_step_seconds",
            "Deciding and storing one step of the fleet",
            buckets=STEP_BUCKETS_S,
            registry=self.registry,
        )
        self._failed_steps = Counter(
            "pixelopolis_failed_steps", "Steps of the fleet that could not be stored or failed", registry=self.registry
        )
        self._answers = Histogram(
            "pixelopolis_http_answer_seconds",
            "From a request to the head of its answer",
            ["method", "route", "status"],
            buckets=ANSWER_BUCKETS_S,
            registry=self.registry,
        )

    def happened(self, events: Iterable[Event]) -> None:
        """Events were stored."""
        for event in events:
            self._events.labels(event.kind).inc()

    def stepped(self, seconds: float) -> None:
        """A step took so long."""
        self._steps.observe(seconds)

    def step_failed(self) -> None:
        """A step came to nothing."""
        self._failed_steps.inc()

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """A request got its answer's head; `route` is the path with its parameters' names."""
        self._answers.labels(method, route, str(status)).observe(seconds)
