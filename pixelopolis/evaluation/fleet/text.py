"""A run's figures for reading."""

from __future__ import annotations

import math

from pixelopolis.evaluation.fleet.closeness import Gap
from pixelopolis.evaluation.fleet.result import FaultFigures, FleetResult, problems

SHOWN_PROBLEMS = 20


def result_lines(result: FleetResult) -> list[str]:
    """What came of everything, a table of faults, and what went wrong."""
    plan, wait = result.plan, result.longest_wait
    lines = [
        (
            f"{plan.cars} cars in {plan.city}, {plan.vision} vision, {result.sim_seconds / 60:.1f} minutes in "
            f"{result.seconds / 60:.1f}: {plan.cars * result.sim_seconds / result.seconds:.0f} car seconds a second"
        ),
        (
            f"rides: {result.arrived} of {len(result.driven)} arrived, {result.wrong_place} at a wrong place; "
            f"{len(result.trips)} bookings, {result.lost_rides} lost or doubled"
        ),
        (
            f"collisions: {result.collisions}; lanes left: {result.lane_departures}; deadlocks: {result.deadlocks}; "
            f"packs changed: {result.swaps}"
        ),
        (
            f"longest wait at a node: {wait.seconds:.1f} s ({wait.car_id} at the end of edge {wait.edge}, at "
            f"{wait.until_s:.0f} s); at most {result.wait_bound_s:.0f} s can be"
        ),
        *_closest(result.smallest_gap),
    ]
    if plan.faults:
        lines += _table(result.faults())
    wrong = problems(result)
    more = [f"… and {len(wrong) - SHOWN_PROBLEMS} more"] if len(wrong) > SHOWN_PROBLEMS else []
    return lines + wrong[:SHOWN_PROBLEMS] + more


def _closest(gap: Gap) -> list[str]:
    if math.isinf(gap.gap_m):
        return []
    return [
        f"smallest gap between two cars: {100 * gap.gap_m:.1f} cm ({' and '.join(gap.car_ids)}, at {gap.at_s:.0f} s)"
    ]


def _table(figures: list[FaultFigures]) -> list[str]:
    rows = [f"{'fault':24} {'made':>5} {'back':>5} {'mean':>8} {'longest':>8}"]
    for figure in figures:
        mean, longest = _seconds(figure.recovery_s_mean), _seconds(figure.recovery_s_max)
        rows.append(f"{figure.kind.value:24} {figure.count:5} {figure.back:5} {mean:>8} {longest:>8}")
    return rows


def _seconds(value: float | None) -> str:
    return "-" if value is None else f"{value:.1f} s"
