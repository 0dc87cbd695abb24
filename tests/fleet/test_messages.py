"""Messages survive the wire, and what is not a message is refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from city.city import Command
from fleet.messages import (
    FROM_CAR,
    FROM_SERVER,
    DriveMode,
    Hello,
    Order,
    OrderStep,
    Position,
    Refusal,
    Release,
    Report,
    Search,
    Welcome,
)

finite = st.floats(-1e6, 1e6)
positions = st.builds(Position, edge=st.integers(0, 10**6), s_m=finite, next_edge=st.none() | st.integers(0, 10**6))
reports = st.builds(
    Report,
    sequence=st.integers(0),
    mode=st.sampled_from(DriveMode),
    position=st.none() | positions,
    speed_mps=finite,
    command=st.sampled_from(Command),
    battery_percent=st.floats(0, 100),
    battery_v=finite,
    faults=st.lists(st.text(max_size=20), max_size=3).map(tuple),
)
orders = st.builds(
    Order,
    order_id=st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,20}", fullmatch=True),
    steps=st.lists(
        st.builds(
            OrderStep,
            edge=st.integers(),
            node=st.integers(),
            sign=st.none() | st.just("Go"),
            command=st.sampled_from(Command),
        ),
        min_size=1,
        max_size=5,
    ).map(tuple),
    stop_s_m=st.none() | finite,
)


@given(reports)
def test_reports_survive_the_wire(report: Report) -> None:
    assert FROM_CAR.validate_json(report.model_dump_json()) == report


@given(orders)
def test_orders_survive_the_wire(order: Order) -> None:
    assert FROM_SERVER.validate_json(order.model_dump_json()) == order


@pytest.mark.parametrize(
    "message",
    [
        Release(order_id="o1", index=2, s_m=0.4),
        Search(distance_m=0.3),
        Welcome(city="pixelopolis", last_position=Position(edge=3, s_m=0.1)),
        Refusal(reason="no"),
    ],
)
def test_the_servers_other_messages_survive_the_wire(message: Release | Search | Welcome | Refusal) -> None:
    assert FROM_SERVER.validate_json(message.model_dump_json()) == message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "[]",
        "{}",
        '{"type":"hello"}',
        '{"type":"what"}',
        '{"type":"hello","car_id":"../x","device_id":"d"}',
        '{"type":"hello","car_id":"c","device_id":"d","extra":1}',
        '{"type":"report","sequence":1,"mode":"flying"}',
    ],
)
def test_garbage_is_refused(text: str) -> None:
    with pytest.raises(ValidationError):
        FROM_CAR.validate_json(text)


@given(st.binary(max_size=200))
def test_random_bytes_never_raise_anything_else(data: bytes) -> None:
    with pytest.raises(ValidationError):
        FROM_CAR.validate_json(data)


def test_messages_do_not_change() -> None:
    hello = Hello(car_id="car-1", device_id="d1")
    with pytest.raises(ValidationError, match="frozen"):
        setattr(hello, "car_id", "car-2")  # noqa: B010  # a plain assignment is refused by the type checker already
