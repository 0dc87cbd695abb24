"""Who drives which simulated car, while drivers come and go."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.claims import LIFT_AFTER_S, ClaimBook

CARS = ("car-1", "car-2", "car-3")


def claimed(book: ClaimBook, driver: str, wanted: str | None = None) -> str | None:
    car_id = book.choose(wanted)
    if car_id is not None:
        book.claim(driver, car_id)
    return car_id


def test_each_driver_gets_a_car_of_its_own_and_the_last_one_none() -> None:
    book = ClaimBook(CARS)
    assert [claimed(book, driver) for driver in "abcd"] == ["car-1", "car-2", "car-3", None]
    assert book.claimed == {"car-1", "car-2", "car-3"}
    assert [book.car_of(driver) for driver in "abcd"] == ["car-1", "car-2", "car-3", None]


def test_a_driver_that_comes_back_gets_the_car_that_it_had() -> None:
    book = ClaimBook(CARS)
    for driver in "abc":
        claimed(book, driver)
    for driver in "abc":
        book.end(driver, 0.0)
    assert claimed(book, "b again", "car-2") == "car-2"
    assert claimed(book, "c again", "car-3") == "car-3"


def test_a_car_that_somebody_else_has_is_replaced_by_another() -> None:
    book = ClaimBook(CARS)
    claimed(book, "a")
    assert claimed(book, "b", "car-1") == "car-2"
    assert claimed(book, "c", "no such car") == "car-3"


def test_a_car_that_stands_on_the_road_is_taken_before_others() -> None:
    book = ClaimBook(CARS)
    claimed(book, "a")
    claimed(book, "b")
    book.end("b", 0.0)
    assert claimed(book, "c") == "car-2"


def test_a_car_to_which_nobody_comes_back_is_lifted_once() -> None:
    book = ClaimBook(CARS)
    claimed(book, "a")
    claimed(book, "b")
    book.end("a", 10.0)
    book.end("b", 11.0)
    claimed(book, "b again", "car-2")
    assert book.take_abandoned(10.0 + LIFT_AFTER_S - 0.1) == []
    assert book.take_abandoned(11.0 + LIFT_AFTER_S) == ["car-1"]
    assert book.take_abandoned(1e9) == []


def test_what_nobody_may_have_is_refused() -> None:
    book = ClaimBook(CARS)
    book.claim("a", "car-1")
    for driver, car_id in (("b", "car-1"), ("a", "car-2"), ("b", "car-9")):
        with pytest.raises(ValueError, match=f"{driver} cannot have {car_id}"):
            book.claim(driver, car_id)


@given(st.lists(st.tuples(st.sampled_from("abcde"), st.booleans()), max_size=40))
def test_no_car_ever_has_two_drivers(steps: list[tuple[str, bool]]) -> None:
    book = ClaimBook(CARS)
    for now_s, (driver, comes) in enumerate(steps):
        if not comes:
            book.end(driver, now_s)
        elif book.car_of(driver) is None:
            claimed(book, driver)
        cars = [car for car in map(book.car_of, "abcde") if car is not None]
        assert len(cars) == len(set(cars)) == len(book.claimed)
        assert not set(book.take_abandoned(now_s)) & book.claimed
