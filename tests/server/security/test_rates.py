"""Limits on trying, by a clock that stands still until it is told."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.clock import ManualClock
from server.security import rates
from server.security.rates import Rate, RateLimiter, TooOftenError, address_block


def passes(limiter: RateLimiter, key: str) -> bool:
    try:
        limiter.take(key)
    except TooOftenError:
        return False
    return True


def test_so_many_at_once_and_then_one_each_period() -> None:
    clock = ManualClock(50.0)
    limiter = RateLimiter(Rate(burst=3, period_s=10.0), clock.now_s)
    assert [passes(limiter, "a") for _ in range(4)] == [True, True, True, False]
    assert passes(limiter, "b"), "others are not held up"
    clock.advance(9.9)
    assert not passes(limiter, "a")
    clock.advance(0.1)
    assert [passes(limiter, "a") for _ in range(2)] == [True, False]
    clock.advance(1000.0)
    assert [passes(limiter, "a") for _ in range(4)] == [True, True, True, False]


def test_how_long_to_wait_is_told() -> None:
    clock = ManualClock()
    limiter = RateLimiter(Rate(1, 10.0), clock.now_s)
    limiter.take("a")
    clock.advance(2.5)
    with pytest.raises(TooOftenError, match="the next one in 8 s") as raised:
        limiter.take("a")
    assert raised.value.wait_s == pytest.approx(7.5)


@given(st.lists(st.floats(0.0, 5.0), max_size=60), st.integers(1, 5), st.floats(0.1, 3.0))
def test_never_more_than_promised(pauses_s: list[float], burst: int, period_s: float) -> None:
    clock = ManualClock()
    limiter = RateLimiter(Rate(burst, period_s), clock.now_s)
    passed = 0
    for pause_s in pauses_s:
        clock.advance(pause_s)
        passed += passes(limiter, "a")
    assert passed <= burst + clock.now_s() / period_s + 1e-6


def test_memory_stays_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rates, "_MOST_KEYS", 10)
    clock = ManualClock()
    limiter = RateLimiter(Rate(1, 1.0), clock.now_s)
    for number in range(100):
        limiter.take(f"address-{number}")
        clock.advance(1.0)
    assert len(limiter._rested_s) <= 11
    limiter.take("last")
    assert not passes(limiter, "last"), "who has not rested is not forgotten"


@pytest.mark.parametrize(
    ("host", "block"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("nobody", "nobody"),
    ],
)
def test_what_counts_as_one_address(host: str, block: str) -> None:
    assert address_block(host) == block
