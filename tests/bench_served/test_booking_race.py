"""The booking race: what counts as a double booking or a lost claim, and a short real one."""

from __future__ import annotations

import itertools
import uuid
from pathlib import Path
from typing import Any

import pytest

from pixelopolis.bench.booking.count import Count, count_answers, count_history
from pixelopolis.bench.booking.plain import plain_claims
from pixelopolis.bench.booking.race import CLAIMS_OF_STATION, TWICE_EVERY, Claim, batches
from pixelopolis.bench.booking.run import BookingBench, bench_booking
from server.security.rates import Limits
from tests.server.stand_in import StandIn


def claim(ride_id: str, car_id: str | None, told_s: float = 0.0, let_go_s: float = 1.0) -> Claim:
    return Claim(ride_id, car_id, told_s, let_go_s)


def history(*steps: tuple[str, str, str | None]) -> list[dict[str, Any]]:
    return [{"kind": f"ride.{state}", "ride_id": ride_id, "car_id": car_id} for state, ride_id, car_id in steps]


def test_one_after_the_other_may_have_the_same_car() -> None:
    claims = [claim("r1", "a", 0.0, 1.0), claim("r2", "a", 1.0, 2.0), claim("r3", "b", 0.5, 3.0), claim("r4", None)]
    assert count_answers(claims) == Count(0, 0)


def test_two_at_a_time_are_a_double_booking() -> None:
    assert count_answers([claim("r1", "a", 0.0, 1.0), claim("r2", "a", 0.9, 2.0)]) == Count(1, 0)


def test_the_same_ride_for_two_claims_is_a_lost_one() -> None:
    assert count_answers([claim("r1", None), claim("r1", None)]) == Count(0, 1)


def test_the_history_is_counted_by_itself() -> None:
    claims = [claim("r1", "a"), claim("r2", None)]
    whole = history(
        ("waiting", "r2", None), ("choosing", "r1", "a"), ("cancelled", "r1", "a"), ("choosing", "r2", "a"),
        ("cancelled", "r2", "a"),
    )  # fmt: skip
    assert count_history([{"kind": "car.joined"}, *whole], claims) == Count(0, 0)
    double = history(
        ("choosing", "r1", "a"), ("choosing", "r2", "a"), ("cancelled", "r1", "a"), ("cancelled", "r2", "a")
    )  # fmt: skip
    assert count_history(double, claims) == Count(1, 0)
    assert count_history(whole[:2], claims) == Count(0, 2), "neither has come to its end"
    assert count_history(whole, [claim("r1", "b")]) == Count(0, 1), "told another car than was stored"


@pytest.mark.parametrize(("claims", "clients"), [(1, 64), (100, 64), (1000, 64), (100_000, 64), (130, 2)])
def test_every_claim_is_made_once_and_no_station_claims_too_often(claims: int, clients: int) -> None:
    parts = batches(claims, clients)
    assert list(itertools.chain(*parts)) == list(range(claims))
    assert max(len(part) for part in parts) <= CLAIMS_OF_STATION
    calls = max(len(part) + sum(number % TWICE_EVERY == 0 for number in part) for part in parts)
    assert calls <= Limits().bookings_of_station.burst
    assert len(parts) >= min(claims, clients)


async def test_the_baseline_claims_on_a_file(tmp_path: Path) -> None:
    per_s, p50_ms, p99_ms = await plain_claims("sqlite:any", tmp_path, cars=2, claims=30, clients=1)
    assert per_s > 0
    assert 0 < p50_ms <= p99_ms


def test_a_short_race_on_a_real_server() -> None:
    figures = {figure.name: figure for figure in bench_booking(BookingBench(claims=100), lambda _: None)}
    assert figures["double bookings"].value == figures["lost claims"].value == 0
    assert figures["claims that got a car"].value > 0
    assert figures["claims"].baseline
    assert 0 < figures["claim p50"].value <= figures["claim p99"].value
    assert figures["server 1"].value > 0


@pytest.mark.slow
@pytest.mark.alone
@pytest.mark.timeout(600)
def test_a_race_on_two_servers_with_one_database(stand_in: StandIn) -> None:
    store_url = stand_in.url(f"race_{uuid.uuid4().hex[:8]}")
    figures = {figure.name: figure for figure in bench_booking(BookingBench(400, store_url), lambda _: None)}
    assert figures["double bookings"].value == figures["lost claims"].value == 0
    assert {"server 1", "server 2"} <= set(figures)
