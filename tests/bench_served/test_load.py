"""The load bench: what is declared, what grows, and a short real run."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from pixelopolis.bench.figure import Figure, NotHeldError
from pixelopolis.bench.load.declared import undeclared
from pixelopolis.bench.load.memory import MOST_MB_PER_MINUTE, grows, slope_mb_per_minute
from pixelopolis.bench.load.run import LoadBench, bench_load
from pixelopolis.cli import app
from pixelopolis.errors import UsageError

DESCRIPTION: dict[str, Any] = {"paths": {"/api/rides": {"post": {"responses": {"200": {}, "503": {}}}}}}


def test_only_what_is_declared_is_well() -> None:
    assert undeclared(DESCRIPTION, {("POST /api/rides", 200): 3, ("POST /api/rides", 503): 1}) == []
    assert undeclared(DESCRIPTION, {("POST /api/rides", 500): 2, ("GET /api/nothing", 200): 1}) == [
        "1 answers to GET /api/nothing have status 200, which is not declared",
        "2 answers to POST /api/rides have status 500, which is not declared",
    ]


@given(start_mb=st.floats(50, 500), slope=st.floats(-2, 2))
def test_growth_is_the_slope_after_the_warm_up(start_mb: float, slope: float) -> None:
    minutes = [k / 12 for k in range(1, 361)]
    resident_mb = [start_mb + (50 if at < 5 else 0) + slope * at for at in minutes]
    assert slope_mb_per_minute(minutes, resident_mb) == pytest.approx(slope, abs=1e-6)
    if abs(slope - MOST_MB_PER_MINUTE) > 1e-3:
        assert grows(minutes, resident_mb) == (slope > MOST_MB_PER_MINUTE)


def test_a_short_run_tells_nothing_about_growth() -> None:
    assert not grows([0.1, 0.2, 0.3], [100.0, 150.0, 200.0])
    assert slope_mb_per_minute([1.0], [100.0]) == 0.0


def test_a_short_run_on_a_real_server() -> None:
    notes: list[str] = []
    found = bench_load(LoadBench(stations=3, cars=3, minutes=0.15, settle_s=6.0), notes.append)
    figures = {figure.name: figure for figure in found}
    assert notes == ["3 stations and 3 cars in random:7:10x20 for 0.15 minutes"]
    assert figures["link: report to release p50"].value > 0
    assert figures["calls"].value > 0
    assert figures["server: memory at the end"].value > 50
    assert 0 < figures["clients' share of the machine"].value < 100


def test_what_does_not_hold_is_told_with_the_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> list[Figure]:
        raise NotHeldError([Figure("claims", 5.0, "/s")], ["1 double bookings, 0 lost claims"])

    monkeypatch.setattr("pixelopolis.bench.booking.run.bench_booking", fail)
    result = CliRunner().invoke(app, ["bench", "booking", "--json", "-"])
    assert json.loads(result.stdout)[0]["value"] == 5.0
    assert str(result.exception) == "1 double bookings, 0 lost claims"


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (["load", "--claims", "5"], "pixelopolis bench booking"),
        (["--store", "sqlite:x"], "pixelopolis bench booking"),
        (["booking", "--cars", "5"], "pixelopolis bench load"),
        (["--minutes", "5"], "pixelopolis bench load"),
    ],
)
def test_options_that_would_do_nothing_are_refused(words: list[str], problem: str) -> None:
    result = CliRunner().invoke(app, ["bench", *words])
    assert isinstance(result.exception, UsageError)
    assert problem in str(result.exception)
