"""A fleet in containers, on a real engine: what is inside, who reaches whom, rides, scaling, kills, restarts.

In order: each test leaves the fleet as the next one expects it. Needs `make test-compose`.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
import time

import pytest

from city.city import City
from tests.compose.composed import ROOT, ComposedFleet, DockerError, docker
from tests.compose.report import Report
from tests.compose.visitors import Operator, Ride, Visitors, places

pytestmark = [pytest.mark.compose, pytest.mark.slow, pytest.mark.alone, pytest.mark.timeout(1800)]

ROLES = ("server", "car", "sim", "proxy")
RIDES = 20
CARS = 5
_CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"


def arrived(rides: list[Ride]) -> int:
    return sum(ride.arrived and ride.right_place for ride in rides)


def run_in(image: str, *words: str) -> str:
    return docker("run", "--rm", "--network", "none", "--entrypoint", words[0], image, *words[1:])


@pytest.mark.parametrize("role", ROLES)
def test_images_run_as_nobody_of_note_and_hold_no_secret(fleet: ComposedFleet, report: Report, role: str) -> None:
    image = f"pixelopolis-{role}:dev"
    size_mb = int(docker("image", "inspect", "--format", "{{.Size}}", image)) / 1e6
    base_mb = int(docker("image", "inspect", "--format", "{{.Size}}", "python:3.11-slim-bookworm")) / 1e6
    report.add(("image", "size", "of it the base"), role, f"{size_mb:.0f} MB", f"{base_mb:.0f} MB")
    assert run_in(image, "python", "-c", "import os; print(os.getuid())").strip() != "0"
    layers = docker("history", "--no-trunc", image) + docker("image", "inspect", image)
    for secret in fleet.secrets.iterdir():
        assert secret.read_text().strip() not in layers
    for container in fleet.containers(role):
        assert fleet.inspect(container)["HostConfig"]["ReadonlyRootfs"]
        assert fleet.inspect(container)["HostConfig"]["Memory"] > 0
        assert not any(secret.read_text().strip() in docker("inspect", container) for secret in fleet.secrets.iterdir())


def test_a_car_has_no_tensorflow_no_compiler_and_no_opengl(fleet: ComposedFleet) -> None:
    listed = run_in("pixelopolis-car:dev", "cat", "/opt/pixelopolis/packages.txt").lower()
    assert "ai-edge-litert==" in listed.replace("_", "-")
    assert not re.search("tensorflow|moderngl|torch", listed)
    patterns = ("-name", "libGL*.so*", "-o", "-name", "libEGL*.so*", "-o", "-name", "gcc", "-o", "-name", "cc1")
    assert run_in("pixelopolis-car:dev", "find", "/usr/bin", "/usr/lib", "/opt", *patterns) == ""


@pytest.mark.parametrize("role", ["server", "car", "sim"])
def test_what_is_inside_is_what_the_constraints_say(fleet: ComposedFleet, role: str) -> None:
    pinned = set(_normal((ROOT / "constraints.txt").read_text("utf-8")))
    listed = _normal(run_in(f"pixelopolis-{role}:dev", "cat", "/opt/pixelopolis/packages.txt"))
    assert len(listed) > 10
    assert {line for line in listed if not line.startswith("pixelopolis")} <= pinned


def _normal(text: str) -> list[str]:
    """`name==version` lines, names as PEP 503 compares them."""
    pairs = [line.partition("==") for line in text.splitlines() if "==" in line]
    return [f"{re.sub(r'[-_.]+', '-', name.lower())}=={version}" for name, _, version in pairs]


def test_cars_reach_neither_the_database_nor_the_truth_nor_the_world(fleet: ComposedFleet) -> None:
    car, (mongo,), (sim,) = fleet.containers("car")[0], fleet.containers("mongo"), fleet.containers("sim")
    addresses = {
        name: [net["IPAddress"] for net in fleet.inspect(name)["NetworkSettings"]["Networks"].values()]
        for name in (mongo, sim)
    }
    docker("exec", car, "python", "-c", _CONNECT, "server", "5355")
    docker("exec", car, "python", "-c", _CONNECT, "sim", "5400")
    docker("exec", fleet.containers("server")[0], "python", "-c", _CONNECT, "mongo", "27017")
    out_of_reach = [("mongo", 27017), (addresses[mongo][0], 27017), (addresses[sim][0], 5401), ("192.0.2.1", 80)]
    for host, port in out_of_reach:
        with pytest.raises(DockerError, match=r"refused|timed out|unreachable|resolution|not known|No address"):
            docker("exec", car, "python", "-c", _CONNECT, host, str(port))


async def test_every_replica_drives_a_car_of_its_own_and_a_sixth_waits(
    fleet: ComposedFleet, operator: Operator
) -> None:
    await operator.until_online(2)
    await asyncio.to_thread(fleet.scale_cars, CARS + 1)
    await operator.until_online(CARS)
    claimed = [re.findall(r"drives (car-\d)", fleet.log(name)) for name in fleet.containers("car")]
    assert sorted(car for cars in claimed for car in cars) == [f"car-{k}" for k in range(1, CARS + 1)]
    assert sorted(map(len, claimed)) == [0, *[1] * CARS]
    waiting = fleet.containers("car")[[len(cars) for cars in claimed].index(0)]
    assert "all 5 simulated cars have a driver; this one waits for one" in fleet.log(waiting)
    assert fleet.inspect(waiting)["RestartCount"] == 0
    assert fleet.inspect(waiting)["State"]["Running"]
    docker("rm", "--force", waiting)
    assert len(fleet.containers("car")) == CARS


async def test_rides_arrive(fleet: ComposedFleet, operator: Operator, city: City, report: Report) -> None:
    begun_s = time.monotonic()
    rides = await Visitors(fleet, city, operator, "rides").ride(places(city, RIDES), CARS)
    truth = fleet.truth()
    took = f"{time.monotonic() - begun_s:.0f} s"
    report.add(
        ("rides with five cars", "arrived", "contacts", "lane departures", "time"),
        *(len(rides), arrived(rides), truth["collisions"], truth["lane_departures"], took),
    )
    assert arrived(rides) == RIDES, rides
    assert {ride.car_id for ride in rides} == {f"car-{k}" for k in range(1, CARS + 1)}


def a_server(fleet: ComposedFleet, *, is_leader: bool) -> str:
    """The container of the server that leads, or of one that does not."""
    logs = "".join(fleet.log(name) for name in fleet.containers("server"))
    leader = max(re.findall(r"term (\d+): http://([\d.]+)", logs), key=lambda found: int(found[0]))[1]
    for name in fleet.containers("server"):
        networks = fleet.inspect(name)["NetworkSettings"]["Networks"].values()
        if (leader in {network["IPAddress"] for network in networks}) == is_leader:
            return name
    raise AssertionError(f"no such server; {leader} leads")


@pytest.mark.parametrize("victim", ["car", "leading server", "other server", "proxy", "mongo", "sim"])
async def test_rides_survive_a_kill(
    fleet: ComposedFleet, operator: Operator, city: City, report: Report, victim: str
) -> None:
    before = await operator.history()
    visitors = Visitors(fleet, city, operator, f"kill-{victim.replace(' ', '-')}")
    riding = asyncio.create_task(visitors.ride(places(city, CARS, offset=len(victim)), CARS))
    await visitors.until_under_way(2)
    if victim.endswith("server"):
        container = a_server(fleet, is_leader=victim == "leading server")
    else:
        container = fleet.containers(victim)[0]
    restarts = fleet.inspect(container)["RestartCount"]
    fleet.crash(container)
    begun_s = time.monotonic()
    while fleet.inspect(container)["RestartCount"] == restarts:
        assert time.monotonic() - begun_s < 30, f"{container} was not started again"
        await asyncio.sleep(0.2)
    back_s = time.monotonic() - begun_s + await asyncio.to_thread(fleet.wait_healthy, [container])
    rides = await riding
    report.add(
        ("killed in mid-ride", "healthy again after", "rides under way", "arrived at their place", "longest ride"),
        *(victim, f"{back_s:.0f} s", len(rides), arrived(rides), f"{max(ride.seconds for ride in rides):.0f} s"),
    )
    assert arrived(rides) == len(rides), rides
    after = await operator.history()
    assert after[-len(before) :] == before  # nothing that had happened is lost


async def test_a_rolling_restart_of_the_servers_loses_no_ride(
    fleet: ComposedFleet, operator: Operator, city: City, report: Report
) -> None:
    visitors = Visitors(fleet, city, operator, "rolling")
    riding = asyncio.create_task(visitors.ride(places(city, RIDES), CARS))
    await visitors.until_under_way(2)
    former = {fleet.inspect(name)["Id"] for name in fleet.containers("server")}
    begun_s = time.monotonic()
    script = await asyncio.create_subprocess_exec(
        str(ROOT / "scripts" / "rolling_restart.sh"), env=fleet.whole_environment, stderr=subprocess.PIPE
    )
    _, errors = await script.communicate()
    took_s = time.monotonic() - begun_s
    assert script.returncode == 0, errors.decode()
    assert len(fleet.containers("server")) == 2
    assert {fleet.inspect(name)["Id"] for name in fleet.containers("server")}.isdisjoint(former)
    rides = await riding
    report.add(
        ("both servers replaced during", "arrived", "lost", "the replacement took"),
        *(f"{len(rides)} rides", arrived(rides), len(rides) - arrived(rides), f"{took_s:.0f} s"),
    )
    assert arrived(rides) == RIDES, rides


async def test_a_smaller_fleet_drives_on(fleet: ComposedFleet, operator: Operator, city: City, report: Report) -> None:
    await asyncio.to_thread(fleet.scale_cars, 2)
    async with asyncio.timeout(120):
        while sum(car["road"] is not None for car in await operator.cars()) != 2:  # noqa: ASYNC110  # polled
            await asyncio.sleep(1.0)
    assert sum(car["on_road"] for car in fleet.truth()["cars"]) == 2
    rides = await Visitors(fleet, city, operator, "small").ride(places(city, 4), 2)
    report.add(("scaled from 5 cars to 2: rides", "arrived"), len(rides), arrived(rides))
    assert arrived(rides) == 4, rides


def test_logs_hold_no_secret(fleet: ComposedFleet) -> None:
    logs = fleet.compose("logs", "--no-color")
    assert "ride.arrived" in logs
    for secret in ("operator_code", "operator_password"):
        assert (fleet.secrets / secret).read_text().strip() not in logs
