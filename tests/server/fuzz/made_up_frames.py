"""What a car might send that has gone mad, as strategies for hypothesis: frames, and whole conversations."""

from __future__ import annotations

import json
from typing import NamedTuple

from hypothesis import strategies as st

from city.city import Command
from fleet.messages import DriveMode, Hello, Message, Order, OrderStep, Position, Release, Report, Search, Welcome
from server.serve import MAX_MESSAGE_BYTES

DEEP = 5_000


class Frame(NamedTuple):
    """One WebSocket message."""

    content: bytes
    is_text: bool = True


_ODD_NUMBERS = st.sampled_from([0, -1, 10**30, -0.0, 1e308, float("nan"), float("inf"), -float("inf")])
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | _ODD_NUMBERS
_JSON = st.recursive(
    _SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _frame(content: object) -> Frame:
    return Frame(json.dumps(content).encode())


def _said(message: Message) -> Frame:
    return Frame(message.model_dump_json().encode())


def hello(car_id: str) -> Frame:
    """A good first message."""
    return _said(Hello(car_id=car_id, device_id=f"board-{car_id}"))


def lost_report() -> Frame:
    """A good message that is answered with how far the car may search for its place."""
    words = {"sequence": 1, "mode": DriveMode.LOCALISING, "position": None, "speed_mps": 0.0}
    return _said(Report.model_validate({**words, "battery_percent": 80, "battery_v": 11.8}))


_POSITIONS = st.builds(
    Position,
    edge=st.integers(-1, 16) | st.just(10**30),
    s_m=st.floats(-1.0, 5.0) | st.floats(allow_nan=False, allow_infinity=False),
    next_edge=st.none() | st.integers(-1, 16),
)
_REPORTS = st.builds(
    Report,
    sequence=st.integers(),
    mode=st.sampled_from(DriveMode),
    position=st.none() | _POSITIONS,
    speed_mps=st.floats(allow_nan=False, allow_infinity=False),
    order_id=st.none() | st.text(max_size=70),
    order_index=st.integers(),
    command=st.sampled_from(Command),
    battery_percent=st.floats(0, 100),
    battery_v=st.floats(allow_nan=False, allow_infinity=False),
    battery_low=st.booleans(),
    faults=st.lists(st.text(max_size=10), max_size=3).map(tuple),
).map(_said)

# What only a server says.
_FROM_A_SERVER = st.sampled_from(
    [
        _said(Welcome(city="pixelopolis")),
        _said(Search(distance_m=1.0)),
        _said(Release(order_id="x", index=0, s_m=1.0)),
        _said(Order(order_id="x", steps=(OrderStep(edge=1, node=1, sign=None, command=Command.FOLLOW),))),
    ]
)

_NO_MESSAGES = st.one_of(
    st.binary(max_size=40).map(lambda content: Frame(content, is_text=False)),
    st.binary(max_size=40).map(Frame),  # mostly no UTF-8
    st.text(max_size=40).map(lambda text: Frame(text.encode())),
    _JSON.map(_frame),
    st.sampled_from(
        [
            Frame(b"[" * DEEP),
            Frame(b'{"type":' * DEEP),
            Frame(b" " * (MAX_MESSAGE_BYTES - 1)),
            Frame(b"1" * (MAX_MESSAGE_BYTES + 1)),
            Frame(b"\0" * (4 * MAX_MESSAGE_BYTES), is_text=False),
            Frame(b"1" * 10_000),
        ]
    ),
)


@st.composite
def _nearly(draw: st.DrawFn, messages: st.SearchStrategy[Frame]) -> Frame:
    """A message with one key wrong, missing or too many."""
    words = json.loads(draw(messages).content)
    key = draw(st.sampled_from([*words, "extra"]))
    if draw(st.booleans()):
        words[key] = draw(_JSON)
    else:
        words.pop(key, None)
    return _frame(words)


@st.composite
def conversations(draw: st.DrawFn, car_id: str) -> list[Frame]:
    """What a car says on one link: at least one message, often after a good Hello."""
    greetings = st.builds(
        Hello,
        protocol=st.just(1) | st.integers(),
        car_id=st.sampled_from([car_id, "car-1", "nobody"]),
        device_id=st.sampled_from([f"board-{car_id}", "another-board"]),
        stream_url=st.none() | st.text(max_size=30),
    ).map(_said)
    good = st.just(hello(car_id))
    frames = st.one_of(_REPORTS, greetings, _FROM_A_SERVER, _nearly(greetings), _nearly(_REPORTS), _NO_MESSAGES)
    return [draw(st.one_of(good, good, frames)), *draw(st.lists(frames, max_size=3))]
