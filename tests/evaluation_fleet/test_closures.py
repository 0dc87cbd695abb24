"""An operator's closures in the simulation: by the operations behind the API, and only while there is a server."""

from __future__ import annotations

import random

import pytest

from city.files import load_city
from pixelopolis.evaluation.fleet.closures import Closures
from tests.evaluation_fleet.conftest import Net

CITY = load_city("pixelopolis")


@pytest.fixture
def closures(net: Net) -> Closures:
    return Closures(CITY, net.server, random.Random(1))


def closed(net: Net) -> tuple[int, ...]:
    assert net.server.dispatcher is not None
    return net.server.dispatcher.fleet.acts.closed_edges


async def test_a_road_is_closed_and_opened_again(net: Net, closures: Closures) -> None:
    assert await closures.close(4) == 4
    assert closed(net) == (4,)
    assert await closures.open(4)
    assert closed(net) == ()


async def test_a_closed_road_stays_closed_when_the_server_comes_back(net: Net, closures: Closures) -> None:
    await closures.close(4)
    net.server.kill()
    assert not await closures.open(4)
    await net.server.start()
    assert closed(net) == (4,)
    assert await closures.open(4)


async def test_without_a_server_nothing_is_closed(net: Net, closures: Closures) -> None:
    net.server.kill()
    assert await closures.close(4) is None


async def test_another_road_is_closed_until_the_cars_need_the_rest(net: Net, closures: Closures) -> None:
    net.line()
    await net.run(1.0)
    done = []
    while (edge := await closures.close(4)) is not None:
        assert edge not in done
        done.append(edge)
    assert done[0] == 4
    assert 2 <= len(done) < len(CITY.edges)
    assert set(closed(net)) == set(done)
