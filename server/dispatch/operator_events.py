"""What operators did, for the history: the difference between two records of their acts. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from server.store.base import Event
from server.traffic.operator_acts import OperatorActs


def events_of_acts(before: OperatorActs, after: OperatorActs, at_s: float) -> Iterator[Event]:
    """The events that lead from one record to the other."""
    if before.stopped != after.stopped:
        yield Event(at_s, "fleet.stopped" if after.stopped else "fleet.resumed")
    for edge in sorted({*before.closed_edges} ^ {*after.closed_edges}):
        yield Event(at_s, "edge.closed" if edge in after.closed_edges else "edge.opened", edge=edge)
    for car_id in sorted({*before.held_cars} ^ {*after.held_cars}):
        yield Event(at_s, "car.held" if car_id in after.held_cars else "car.released", car_id=car_id)
    for errand in after.errands:
        if errand != before.errand_of(errand.car_id):
            yield Event(at_s, "car.sent", car_id=errand.car_id, edge=errand.stop.edge)
    for errand in before.errands:
        if after.errand_of(errand.car_id) is None:
            yield Event(at_s, "car.recalled", car_id=errand.car_id, edge=errand.stop.edge)
