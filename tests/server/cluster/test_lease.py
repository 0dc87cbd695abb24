"""Who leads, by the lease alone."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.cluster.lease import EXPIRY_S, GIVE_UP_S, RENEW_PERIOD_S, Lease, LeaseWatch, Role

MINE = Lease(term=3, beat=10, member="me", url="http://me:1")
OTHERS = Lease(term=3, beat=10, member="other", url="http://other:1")
NOBODYS = Lease(term=3, beat=10)


@pytest.mark.parametrize(
    ("lease", "age_s", "role"),
    [
        (MINE, 0.0, Role.LEAD),
        (MINE, GIVE_UP_S, Role.LEAD),
        (MINE, GIVE_UP_S + 0.01, Role.FOLLOW),
        (MINE, EXPIRY_S + 0.01, Role.TAKE),
        (OTHERS, 0.0, Role.FOLLOW),
        (OTHERS, EXPIRY_S, Role.FOLLOW),
        (OTHERS, EXPIRY_S + 0.01, Role.TAKE),
        (NOBODYS, 0.0, Role.TAKE),
    ],
)
def test_the_role_follows_from_the_lease_and_its_age(lease: Lease, age_s: float, role: Role) -> None:
    assert LeaseWatch("me", lease, changed_s=7.0).role(7.0 + age_s) is role


def test_the_age_counts_from_the_last_change() -> None:
    watch = LeaseWatch("me", OTHERS, changed_s=0.0)
    assert watch.observe(OTHERS, 2.0).changed_s == 0.0
    assert watch.observe(replace(OTHERS, beat=11), 2.0).changed_s == 2.0


def test_where_the_leader_is_reached() -> None:
    assert LeaseWatch("me", OTHERS, 0.0).leader_url == "http://other:1"
    assert LeaseWatch("me", MINE, 0.0).leader_url is None
    assert LeaseWatch("me", NOBODYS, 0.0).leader_url is None


@dataclass
class Process:
    """A server process that now and then sleeps, and whose calls to the database take a while."""

    watch: LeaseWatch
    wakes_s: float


def play(seed: int, duration_s: float = 120.0) -> tuple[int, float]:
    """Three processes on one lease; how many led in all, and the longest time without a leader."""
    rng = random.Random(seed)
    stored = Lease()
    processes = [Process(LeaseWatch(f"p{k}", Lease(), 0.0), rng.random()) for k in range(3)]
    leaders: set[str] = set()
    led_s, longest_s, now_s = 0.0, 0.0, 0.0
    while now_s < duration_s:
        process = min(processes, key=lambda each: each.wakes_s)
        now_s = process.wakes_s
        # One step as ClusterMember's: look, then take or renew what still is as it was seen.
        process.watch = process.watch.observe(stored, now_s)
        role = process.watch.role(now_s)
        if role is Role.TAKE:
            stored = Lease(stored.term + 1, stored.beat + 1, process.watch.member, "http://x:1")
        elif role is Role.LEAD:
            stored = replace(stored, beat=stored.beat + 1)
        process.watch = process.watch.observe(stored, now_s)
        leading = [each.watch.member for each in processes if each.watch.role(now_s) is Role.LEAD]
        assert len(leading) <= 1, f"{leading} lead at {now_s:.2f} s"
        if leading:
            leaders.update(leading)
            led_s = now_s
        longest_s = max(longest_s, now_s - led_s)
        sleeps = rng.random() < 0.02
        process.wakes_s = now_s + (rng.uniform(4.0, 9.0) if sleeps else RENEW_PERIOD_S * rng.uniform(0.8, 1.6))
    return len(leaders), longest_s


@given(seed=st.integers(0, 2**32 - 1))
def test_never_do_two_lead_and_never_for_long_nobody(seed: int) -> None:
    led, longest_s = play(seed)
    assert led >= 1
    assert longest_s < 20.0  # all three may sleep at once


def test_the_lead_changes_hands_when_its_holder_sleeps() -> None:
    assert max(play(seed)[0] for seed in range(10)) == 3
