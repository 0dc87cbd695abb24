"""What counts as reaching a sign."""

from __future__ import annotations

from dataclasses import replace

import pytest

from city.city import City
from city.files import load_city
from city.route_line import RouteLine
from city.sign_catalogue import SIGN_KINDS
from pixelopolis.evaluation.whole_car.moments import Moment
from pixelopolis.evaluation.whole_car.passages import passages, strangers
from tests.whole_car.made_up import flawless_moments, ride_of, stranger

EDGES = (3, 15, 14, 6)
GHOST = next(kind for kind in SIGN_KINDS if not any(sign.kind == kind for sign in load_city("pixelopolis").signs))


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture(scope="module")
def line(city: City) -> RouteLine:
    return RouteLine(city, EDGES)


def on_edge(line: RouteLine, moment: Moment, index: int) -> bool:
    return line.edge_start_m(index) <= moment.station_m <= line.edge_end_m(index)


def test_a_car_that_sees_all_and_knows_its_place_reaches_every_sign_in_order(city: City, line: RouteLine) -> None:
    found = passages(ride_of(city, line, flawless_moments(city, line)))
    # The first edge was not driven from its start, and the last not to its end.
    assert [passage.edge for passage in found] == [15, 14]
    assert [passage.kind for passage in found] == [sign.kind for e in (15, 14) if (sign := city.sign_at(e)) is not None]
    assert all(passage.reached for passage in found)
    assert all(passage.place_error_m == pytest.approx(0.0, abs=1e-9) for passage in found)


@pytest.mark.parametrize("pictures", [0, 2, 3])
def test_a_sign_needs_three_pictures(city: City, line: RouteLine, pictures: int) -> None:
    moments, left = [], pictures
    for moment in flawless_moments(city, line):
        if on_edge(line, moment, 1):
            mine = [sign for sign in moment.signs or () if sign.kind == city.sign_at(15).kind]  # type: ignore[union-attr]
            keep = bool(mine) and left > 0
            left -= keep
            moment = replace(moment, signs=tuple(mine) if keep else ())
        moments.append(moment)
    first = passages(ride_of(city, line, moments))[0]
    assert (first.pictures, first.reached) == (pictures, pictures >= 3)


def test_a_sign_that_is_seen_where_it_is_not_does_not_count(city: City, line: RouteLine) -> None:
    moments = [
        replace(moment, signs=tuple(replace(sign, range_m=sign.range_m + 0.5) for sign in moment.signs or ()))
        for moment in flawless_moments(city, line)
    ]
    assert [passage.pictures for passage in passages(ride_of(city, line, moments))] == [0, 0]


def test_who_is_wrong_about_its_place_has_not_reached_the_sign(city: City, line: RouteLine) -> None:
    moments = []
    for moment in flawless_moments(city, line):
        believed = moment.believed
        assert believed is not None
        if on_edge(line, moment, 1):
            moment = replace(moment, believed=believed.model_copy(update={"s_m": believed.s_m + 0.12}))
        if on_edge(line, moment, 2):
            moment = replace(moment, believed=believed.model_copy(update={"edge": 9}))
        moments.append(moment)
    first, second = passages(ride_of(city, line, moments))
    assert (first.reached, second.reached) == (False, False)
    assert first.place_error_m == pytest.approx(0.12)
    assert second.place_error_m is None


def test_only_a_sign_that_is_not_there_again_and_again_is_a_stranger(city: City, line: RouteLine) -> None:
    moments = flawless_moments(city, line)
    assert list(strangers(ride_of(city, line, moments))) == []
    ghost = stranger(GHOST, 0.3)
    for k in (10, 11, 20, 21, 22, 23):
        moments[k] = replace(moments[k], signs=(*(moments[k].signs or ()), ghost))
    moments[40:45] = [replace(moment, signs=(stranger(GHOST, 1.2),)) for moment in moments[40:45]]
    found = list(strangers(ride_of(city, line, moments)))
    assert [kind for _, kind in found] == [GHOST]
    assert found[0][0] == pytest.approx(22 * 0.04)


def test_pictures_that_the_detector_did_not_look_at_do_not_end_a_streak(city: City, line: RouteLine) -> None:
    moments = flawless_moments(city, line)
    ghost = stranger(GHOST, 0.3)
    for k in range(20, 26):
        moments[k] = replace(moments[k], signs=(ghost,) if k % 2 == 0 else None)
    assert len(list(strangers(ride_of(city, line, moments)))) == 1
