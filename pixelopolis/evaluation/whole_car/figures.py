"""What many rides come to, as figures."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from pixelopolis.evaluation.whole_car.encounters import Encounter, encounters, false_stops
from pixelopolis.evaluation.whole_car.moments import Ride
from pixelopolis.evaluation.whole_car.passages import Passage, passages, strangers
from pixelopolis.evaluation.whole_car.ranges import car_errors, sign_errors

DECIMALS = 4
SECONDS_PER_HOUR = 3600.0


def ride_figures(rides: Sequence[Ride]) -> dict[str, Any]:
    """Counts, shares and errors over all rides; a share of nothing is None."""
    passed = [passage for ride in rides for passage in passages(ride)]
    met = [encounter for ride in rides for encounter in encounters(ride)]
    stops = sum(len(false_stops(ride)) for ride in rides)
    seconds = sum(ride.seconds for ride in rides)
    return {
        "rides": len(rides),
        "minutes": round(seconds / 60, 2),
        "lost_rides": sum(ride.ended == "lost" for ride in rides),
        "collisions": sum(ride.collisions for ride in rides),
        "passages": _passages(passed),
        "strange_signs": sum(len(list(strangers(ride))) for ride in rides),
        "encounters": _encounters(met),
        "false_stops": stops,
        "false_stops_per_hour": round(stops * SECONDS_PER_HOUR / seconds, DECIMALS) if seconds else None,
        "sign_distance": _errors(error for ride in rides for error in sign_errors(ride)),
        "car_distance": _errors(error for ride in rides for error in car_errors(ride)),
    }


def _passages(passed: Sequence[Passage]) -> dict[str, Any]:
    missed = [passage for passage in passed if not passage.reached]
    errors_m = [abs(passage.place_error_m) for passage in passed if passage.place_error_m is not None]
    return {
        "signs": len(passed),
        "reached": len(passed) - len(missed),
        "share": _share(len(passed) - len(missed), len(passed)),
        "place_error_m_p90": round(float(np.quantile(errors_m, 0.9)), DECIMALS) if errors_m else None,
        "missed": [
            {"edge": one.edge, "kind": one.kind, "pictures": one.pictures, "place_error_m": one.place_error_m}
            for one in missed
        ],
    }


def _encounters(met: Sequence[Encounter]) -> dict[str, Any]:
    in_time = sum(encounter.in_time for encounter in met)
    noticed_m = [encounter.noticed_at_m for encounter in met if encounter.noticed_at_m is not None]
    return {
        "cars": len(met),
        "in_time": in_time,
        "share": _share(in_time, len(met)),
        "noticed_at_m_median": round(float(np.median(noticed_m)), DECIMALS) if noticed_m else None,
    }


def _errors(errors: Iterable[float]) -> dict[str, Any]:
    known = np.array(list(errors))
    if not len(known):
        return {"sightings": 0, "p50": None, "p90": None}
    p50, p90 = np.quantile(known, (0.5, 0.9)).tolist()
    return {"sightings": len(known), "p50": round(p50, DECIMALS), "p90": round(p90, DECIMALS)}


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, DECIMALS) if whole else None


def figure_lines(figures: dict[str, Any]) -> list[str]:
    """For reading."""
    signs, cars = figures["passages"], figures["encounters"]
    return [
        (
            f"{figures['rides']} rides, {figures['minutes']:.1f} minutes: {figures['lost_rides']} lost their lane, "
            f"{figures['collisions']} collisions"
        ),
        (
            f"signs reached: {signs['reached']} of {signs['signs']}; place off by "
            f"{_metres(signs['place_error_m_p90'])} "
            f"(p90) at the stop line; signs seen that are not there: {figures['strange_signs']}"
        ),
        (
            f"cars noticed before 0.6 m: {cars['in_time']} of {cars['cars']}, half of them by "
            f"{_metres(cars['noticed_at_m_median'])}; false stops: {figures['false_stops']}, "
            f"{figures['false_stops_per_hour']} an hour"
        ),
        *(
            f"distance of {name} within 1 m: off by {_percent(figures[key]['p90'])} (p90) in "
            f"{figures[key]['sightings']} sightings"
            for name, key in (("signs", "sign_distance"), ("cars", "car_distance"))
        ),
        *(
            f"missed: {one['kind']} at the end of edge {one['edge']}, seen in {one['pictures']} pictures, place off by "
            f"{_metres(one['place_error_m'])}"
            for one in signs["missed"]
        ),
    ]


def _metres(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.3f} m"


def _percent(value: float | None) -> str:
    return "unknown" if value is None else f"{100 * value:.1f} %"
