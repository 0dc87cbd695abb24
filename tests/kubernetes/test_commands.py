"""What the manifests start is what the command line takes, at the ports that they name."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from car.connection.enrolment import KEY_VARIABLE
from pixelopolis.commands.car import _check_camera, _check_id, _check_server
from pixelopolis.commands.server import OPERATOR_CODE_VARIABLE, _checked_url, _networks
from server.public_address import is_loopback
from server.security.codes import CodeText
from server.serve import listen
from tests.kubernetes.manifests import Object, Run, container_of, found, run_of, workloads
from tests.server.stand_in import StandIn
from tests.server.waiting import eventually

OWN_VARIABLES = {"PIXELOPOLIS_STORE", "PIXELOPOLIS_LOG", OPERATOR_CODE_VARIABLE, KEY_VARIABLE}


def ports_of(container: Object) -> dict[str, int]:
    return {port["name"]: port["containerPort"] for port in container["ports"]}


@pytest.fixture
def server(tmp_path: Path) -> Run:
    return run_of(container_of(found("Deployment", "server")), tmp_path)


@pytest.fixture
def car(tmp_path: Path) -> Run:
    return run_of(container_of(found("StatefulSet", "car")), tmp_path)


@pytest.mark.parametrize("workload", workloads(), ids=lambda workload: str(workload["metadata"]["name"]))
def test_the_command_line_takes_it_and_knows_the_variables(workload: Object, tmp_path: Path) -> None:
    run = run_of(container_of(workload), tmp_path)
    assert run.options
    assert {name for name in run.environment if name.startswith("PIXELOPOLIS_")} <= OWN_VARIABLES


def test_servers_are_reached_where_they_listen(server: Run) -> None:
    container = container_of(found("Deployment", "server"))
    port = ports_of(container)["http"]
    assert server.options["port"] == port
    assert not is_loopback(server.options["host"])
    assert _checked_url(server.options["cluster_url"]) == f"http://10.244.1.7:{port}"
    assert _networks(server.options["trust_proxy"]) == ("10.244.0.0/16",)
    assert [each["port"] for each in found("Service", "server")["spec"]["ports"]] == [port]
    [rule] = found("Ingress", "server")["spec"]["rules"]
    assert rule["http"]["paths"][0]["backend"]["service"] == {"name": "server", "port": {"name": "http"}}
    assert server.options["public_url"] == f"https://{rule['host']}"
    assert server.environment["PIXELOPOLIS_STORE"].startswith("mongodb://")
    assert CodeText.parse(server.environment[OPERATOR_CODE_VARIABLE]).is_whole


def test_a_car_drives_the_simulated_car_of_its_name(car: Run, tmp_path: Path) -> None:
    (tmp_path / "simulator").mkdir()
    simulator = run_of(container_of(found("Job", "simulator")), tmp_path / "simulator").options
    mounts = {mount["name"]: mount for mount in container_of(found("StatefulSet", "car"))["volumeMounts"]}
    _check_id(car.options["car_id"])
    _check_camera(car.options["camera"])
    _check_server(car.options["server"])
    assert car.options["car_id"] == "car-12"
    assert car.options["camera"] == f"tcp://simulator:{simulator['camera_port']}/car-12"
    assert car.options["board"] == f"socket://simulator:{simulator['board_port'] + 11}"
    assert car.options["server"] == f"http://server:{found('Service', 'server')['spec']['ports'][0]['port']}"
    assert car.environment[KEY_VARIABLE] == f"content of {mounts['keys']['mountPath']}"
    assert mounts["keys"]["subPathExpr"] == "$(POD_NAME)", "it sees no other car's key"
    assert car.options["stream_port"] == ports_of(container_of(found("StatefulSet", "car")))["pictures"]


def test_each_car_of_the_simulator_has_a_pod(tmp_path: Path) -> None:
    job, cars = container_of(found("Job", "simulator")), found("StatefulSet", "car")["spec"]
    simulator = run_of(job, tmp_path).options
    assert simulator["cars"] == cars["replicas"]
    assert cars["ordinals"]["start"] == 1, "as the simulator counts"
    ports = {"cameras": "camera_port", "first-board": "board_port", "control": "control_port"}
    assert ports_of(job) == {name: simulator[option] for name, option in ports.items()}
    assert found("Service", "simulator")["spec"]["clusterIP"] == "None", "so that all its ports are reached"


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    with StandIn(tmp_path) as stand_in:
        yield stand_in.url("city")


async def test_a_server_started_that_way_answers_its_probes(server: Run, database: str) -> None:
    with listen("127.0.0.1", 0) as listener:
        port = str(listener.getsockname()[1])
    here = {"--host=0.0.0.0": "--host=127.0.0.1", "--port=5355": f"--port={port}"}
    words = [here.get(word, word).replace("10.244.1.7:5355", f"127.0.0.1:{port}") for word in server.words[1:]]
    environment = {**os.environ, **server.environment, "PIXELOPOLIS_STORE": database}
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", "pixelopolis", *words, env=environment)
    container = container_of(found("Deployment", "server"))
    paths = {container[probe]["httpGet"]["path"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
    paths.add(found("Deployment", "server")["spec"]["template"]["metadata"]["annotations"]["prometheus.io/path"])
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=5.0, trust_env=False) as http:

            async def answers() -> bool:
                assert process.returncode is None, "the server has ended"
                try:
                    return all([(await http.get(path)).is_success for path in sorted(paths)])
                except httpx.TransportError:
                    return False

            await eventually(answers, timeout_s=60.0)
    finally:
        process.terminate()
        await process.wait()
    assert len(paths) == 3
