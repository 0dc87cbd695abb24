"""The fleet as gauges, read at the moment of a scrape. Rides have no id here: that would be a series for each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from fleet.messages import Report
from fleet.views import FINAL_STATES, CarStatus, RideState
from server.fleet_control.car_state import CarState
from server.fleet_control.fleet_state import FleetState

STATES_UNDER_WAY = tuple(state for state in RideState if state not in FINAL_STATES)
_OF_REPORTS: tuple[tuple[str, str, Callable[[Report], float | None]], ...] = (
    ("battery_ratio", "Charge of a car's battery, 0 to 1", lambda report: report.battery_percent / 100),
    ("battery_left_seconds", "How long the battery lasts at its present use", lambda report: report.battery_left_s),
    ("speed_meters_per_second", "Speed that a car reports", lambda report: report.speed_mps),
    ("frame_age_seconds", "Age of the picture by which a car drives", lambda report: report.frame_age_s),
    ("control_rate_hertz", "Control steps a second", lambda report: report.control_rate_hz),
    ("faults", "Faults that a car reports", lambda report: len(report.faults)),
)


class FleetCollector(Collector):
    """Reads a fleet that another task changes; both are in one thread."""

    def __init__(self, fleet: FleetState, now_s: Callable[[], float], works: Callable[[], bool]) -> None:
        """`works` tells whether the store does."""
        self._fleet = fleet
        self._now_s = now_s
        self._works = works

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """All gauges of this moment."""
        now_s, fleet = self._now_s(), self._fleet
        yield GaugeMetricFamily("pixelopolis_store_works", "1 while something can be stored", value=self._works())
        stopped, closed = fleet.acts.stopped, len(fleet.acts.closed_edges)
        yield GaugeMetricFamily("pixelopolis_fleet_stopped", "1 while operators hold all cars", value=stopped)
        yield GaugeMetricFamily("pixelopolis_closed_edges", "Edges that operators have closed", value=closed)
        yield _counted(
            "cars", "Cars that ever joined", "status", CarStatus, [car.status for car in fleet.cars.values()]
        )
        states = [ride.state for ride in fleet.rides.all.values()]
        yield _counted("rides", "Rides that are not over", "state", STATES_UNDER_WAY, states)
        cars = sorted(fleet.cars.items())
        for name, text, value_of in _OF_REPORTS:
            reports = [(car_id, car.report) for car_id, car in cars if car.report is not None]
            yield _of_cars(name, text, [(car_id, value_of(report)) for car_id, report in reports])
        ages_s = [(car_id, max(0.0, now_s - car.last_seen_s)) for car_id, car in cars]
        yield _of_cars("last_report_age_seconds", "Time since a car's last report", ages_s)
        waits_s = [(car_id, _waiting_s(car, now_s)) for car_id, car in cars]
        yield _of_cars("waiting_seconds", "How long a car has waited for road", waits_s)


def _waiting_s(car: CarState, now_s: float) -> float:
    return 0.0 if car.waiting_since_s is None else max(0.0, now_s - car.waiting_since_s)


def _of_cars(name: str, text: str, values: Iterable[tuple[str, float | None]]) -> GaugeMetricFamily:
    """One value for each car that has one."""
    family = GaugeMetricFamily(f"pixelopolis_car_{name}", text, labels=["car"])
    for car_id, value in values:
        if value is not None:
            family.add_metric([car_id], value)
    return family


def _counted(
    name: str,
    text: str,
    label: str,
    values: type[CarStatus] | tuple[RideState, ...],
    found: list[CarStatus] | list[RideState],
) -> GaugeMetricFamily:
    """How many there are of each value, those of which there is none included."""
    family = GaugeMetricFamily(f"pixelopolis_{name}", text, labels=[label])
    counts = Counter(map(str, found))
    for value in values:
        family.add_metric([str(value)], counts[str(value)])
    return family
