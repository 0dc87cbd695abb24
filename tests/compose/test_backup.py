"""Backup, wipe and restore of a fleet's database, on a real engine."""

from __future__ import annotations

import asyncio
import json

import pytest

from city.city import City
from tests.compose.composed import ComposedFleet, docker
from tests.compose.report import Report
from tests.compose.visitors import Operator, Visitors, places

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(1800)]


def stored(fleet: ComposedFleet, *words: str, stdin: str | None = None) -> str:
    """The output of `pixelopolis store` in a container of its own, while no server runs."""
    return fleet.compose("run", "--rm", "-T", "--no-deps", "server", "store", *words, stdin=stdin)


async def test_what_is_restored_after_a_wipe_is_the_history_document_by_document(
    fleet: ComposedFleet, operator: Operator, city: City, report: Report
) -> None:
    await operator.until_online(2)
    await Visitors(fleet, city, operator, "before").ride(places(city, 2), 2)
    live = fleet.compose("exec", "-T", "server", "pixelopolis", "store", "backup", "-")
    assert "records" in json.loads(live.splitlines()[-1])  # whole, and servers go on meanwhile
    history = await operator.history()

    await asyncio.to_thread(fleet.compose, "stop", "server")
    before = await asyncio.to_thread(stored, fleet, "backup", "-")
    fleet.compose("rm", "--stop", "--force", "mongo")
    docker("volume", "rm", f"{fleet.project}_database")
    fleet.up("--wait", "--no-deps", "mongo")
    with report.time(f"restore {len(before.splitlines()) - 2} records into an empty database"):
        await asyncio.to_thread(stored, fleet, "restore", "-", stdin=before)
    assert await asyncio.to_thread(stored, fleet, "backup", "-") == before

    await asyncio.to_thread(fleet.up, "--wait", "--no-deps", "--no-recreate", "server")
    await operator.until_online(2)  # with the session and the keys that were there before
    after = await operator.history()
    assert after[-len(history) :] == history
    rides = await Visitors(fleet, city, operator, "after").ride(places(city, 2), 2)
    assert all(ride.arrived and ride.right_place for ride in rides), rides
    report.add(("records of the backup", "equal after wipe and restore"), len(before.splitlines()) - 2, "all")
