"""The state machine of a ride: every step, repeated steps, time-outs, and that nothing else is possible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.views import RideState
from server.rides import booking
from server.rides.booking import STATES_WITH_CAR, TRANSITIONS, IllegalStepError, Ride

NEW = Ride("ride", "request", "station", "tablet", created=1, changed_s=0.0)
PAIRED = booking.pair(NEW, "car-1", "board-1", 1.0)
RIDING = booking.choose(PAIRED, "museum", 2.0)
ARRIVED = booking.arrive(RIDING, 3.0)

STEPS: dict[str, Callable[[Ride, float], Ride]] = {
    "pair": lambda ride, now_s: booking.pair(ride, "car-1", "board-1", now_s),
    "choose museum": lambda ride, now_s: booking.choose(ride, "museum", now_s),
    "choose landmark": lambda ride, now_s: booking.choose(ride, "landmark", now_s),
    "arrive": booking.arrive,
    "end": booking.end,
    "cancel": booking.cancel,
    "lose car": booking.lose_car,
    "find car": booking.find_car,
    "time out": booking.time_out,
}


def test_a_whole_ride() -> None:
    assert (PAIRED.state, PAIRED.car_id, PAIRED.car_device_id) == (RideState.CHOOSING, "car-1", "board-1")
    assert PAIRED.station_device_id == "tablet"
    assert (RIDING.state, RIDING.place_id) == (RideState.RIDING, "museum")
    assert ARRIVED.state is RideState.ARRIVED
    assert booking.end(ARRIVED, 4.0).state is RideState.ENDED


@pytest.mark.parametrize(
    ("ride", "step"),
    [
        (PAIRED, "pair"),
        (RIDING, "choose museum"),
        (ARRIVED, "arrive"),
        (booking.end(ARRIVED, 4.0), "end"),
        (booking.end(ARRIVED, 4.0), "cancel"),
        (booking.cancel(NEW, 4.0), "cancel"),
    ],
)
def test_repeated_steps_change_nothing(ride: Ride, step: str) -> None:
    assert STEPS[step](ride, 9.0) == ride


@pytest.mark.parametrize(
    ("ride", "step"),
    [
        (NEW, "choose museum"),
        (RIDING, "choose landmark"),
        (RIDING, "end"),
        (PAIRED, "arrive"),
        (booking.cancel(NEW, 4.0), "choose museum"),
        (booking.cancel(PAIRED, 4.0), "pair"),
        (booking.cancel(RIDING, 4.0), "choose museum"),
    ],
)
def test_steps_out_of_turn_are_refused(ride: Ride, step: str) -> None:
    with pytest.raises(IllegalStepError, match="ride ride is"):
        STEPS[step](ride, 9.0)


def test_a_visitor_who_never_chooses_loses_the_car() -> None:
    assert booking.time_out(PAIRED, 120.9) == PAIRED
    assert booking.time_out(PAIRED, 121.0).state is RideState.CANCELLED


def test_an_arrival_that_nobody_ends_ends_by_itself() -> None:
    assert booking.time_out(ARRIVED, 32.9) == ARRIVED
    assert booking.time_out(ARRIVED, 33.0).state is RideState.ENDED


def test_a_lost_car_interrupts_a_ride_and_gives_back_a_choosing_visitor() -> None:
    interrupted = booking.lose_car(RIDING, 5.0)
    assert (interrupted.state, interrupted.car_id) == (RideState.INTERRUPTED, "car-1")
    assert booking.find_car(interrupted, 6.0).state is RideState.RIDING
    waiting = booking.lose_car(PAIRED, 5.0)
    assert (waiting.state, waiting.car_id, waiting.car_device_id) == (RideState.WAITING, None, None)
    assert waiting.created == PAIRED.created


@given(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), st.floats(0, 200)), max_size=30))
def test_only_known_transitions_ever_happen(walk: list[tuple[str, float]]) -> None:
    ride, now_s = NEW, 0.0
    for name, wait_s in walk:
        now_s += wait_s
        try:
            after = STEPS[name](ride, now_s)
        except IllegalStepError:
            continue
        assert after.state is ride.state or (ride.state, after.state) in TRANSITIONS
        assert (after.car_id is not None) >= (after.state in STATES_WITH_CAR)
        assert not ride.is_final or after == ride
        assert after.place_id is not None or after.state not in (RideState.RIDING, RideState.ARRIVED)
        ride = after


def test_every_state_can_come_to_an_end() -> None:
    for state in RideState:
        reached, frontier = {state}, [state]
        while frontier:
            before = frontier.pop()
            for start, after in TRANSITIONS:
                if start is before and after not in reached:
                    reached.add(after)
                    frontier.append(after)
        assert reached & {RideState.ENDED, RideState.CANCELLED}
