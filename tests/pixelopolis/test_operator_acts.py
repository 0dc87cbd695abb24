"""An operator's acts at the command line, on a running server with a car."""

from __future__ import annotations

import asyncio

import pytest
from typer.testing import CliRunner, Result

from city.files import load_city
from pixelopolis.cli import app
from pixelopolis.errors import UsageError
from pixelopolis.operator_client import KEY_VARIABLE, OperatorError
from tests.server import visitor
from tests.server.conftest import client, running_server
from tests.server.keys import operator_key
from tests.server.live_car import LiveCar, running


async def test_acts(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running_server() as server, client(server) as http:
        monkeypatch.setenv(KEY_VARIABLE, operator_key(server.url) or "")
        monkeypatch.setenv("PIXELOPOLIS_SERVER", server.url)
        async with running(LiveCar(load_city("pixelopolis"), "car-1", 2, 0.2, server.link_url)):
            await visitor.cars_online(http, 1)
            fleet = server.context.dispatcher.fleet
            told = [await typed(*words) for words in (["stop"], ["hold", "car-1"])]
            assert (fleet.acts.stopped, fleet.acts.held_cars) == (True, ("car-1",))
            assert [result.output for result in told] == [f"all cars of {server.url} are stopped\n", "car-1 is held\n"]
            told = [await typed(*words) for words in (["resume"], ["release", "car-1"], ["send", "car-1", "museum"])]
            assert [result.exit_code for result in told] == [0, 0, 0]
            assert (fleet.acts.stopped, fleet.acts.held_cars) == (False, ())
            errand = fleet.acts.errand_of("car-1")
            assert errand is not None
            assert errand.stop.place_id == "museum"
            assert (await typed("send", "car-1", "--edge", "12")).output == "car-1 is sent to edge 12\n"
            assert "may be connected" in str((await typed("lift", "car-1")).exception)
            refused = await typed("hold", "car-9")
            assert isinstance(refused.exception, OperatorError)
            assert "there is no car car-9" in str(refused.exception)
            for words in (["send", "car-1"], ["send", "car-1", "museum", "--edge", "12"]):
                assert isinstance((await typed(*words)).exception, UsageError)


async def typed(*words: str) -> Result:
    return await asyncio.to_thread(CliRunner().invoke, app, ["operator", *words])
