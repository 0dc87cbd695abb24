"""The control port: what it answers, and over a socket."""

import asyncio
import json
from typing import Any

import pytest

from city.city import City
from city.files import load_city
from city.geometry import Pose
from sim.endpoints.camera_worker import CameraWorker
from sim.endpoints.control import ControlDesk
from sim.endpoints.tcp_endpoint import TcpEndpoint
from sim.lockstep import Simulation


class Office:
    """A desk in front of a simulation that stands still."""

    def __init__(self, city: City) -> None:
        starts = {"car-1": Pose(2.4, 0.6, 1.5708), "car-2": Pose(0.0, 1.8, -1.5708)}
        self.simulation = Simulation(city, 2, 1, starts=starts)
        self.cameras = CameraWorker()
        self.desk = ControlDesk(self.simulation, self.cameras, lambda: 0.25)

    def ask(self, **request: object) -> dict[str, Any]:
        return json.loads(json.dumps(self.desk.answer(json.dumps(request).encode())))  # type: ignore[no-any-return]  # JSON


@pytest.fixture(scope="module")
def city() -> City:
    return load_city("pixelopolis")


@pytest.fixture
def office(city: City) -> Office:
    return Office(city)


def test_status_has_the_keys_of_the_contract(office: Office) -> None:
    status = office.ask(op="status")
    assert status["lag_s"] == 0.25
    assert (status["time_s"], status["collisions"], status["lane_departures"]) == (0.0, 0, 0)
    car = status["cars"][0]
    assert (car["id"], car["x_m"], car["y_m"], car["edge"]) == ("car-1", 2.4, 0.6, 2)
    assert car["s_m"] == pytest.approx(0.28)
    assert car["wheel_speeds_rad_s"] == [0.0, 0.0]
    assert {"heading_rad", "speed_mps", "collisions", "lane_departures"} <= car.keys()


def test_place_and_reset_counts(office: Office) -> None:
    assert office.ask(op="place", car="car-1", x_m=1.9, y_m=0.6, heading_rad=7.0) == {"ok": True}
    office.simulation.step()
    status = office.ask(op="status")
    assert status["lane_departures"] == 1
    assert status["cars"][0]["heading_rad"] == pytest.approx(7.0 - 6.283185, abs=1e-5)
    assert office.ask(op="reset_counts") == {"ok": True}
    assert office.ask(op="status")["lane_departures"] == 0


def test_freeze_camera(office: Office) -> None:
    office.ask(op="freeze_camera", car="car-2", frozen=True)
    assert office.cameras.frozen == {"car-2"}
    assert office.ask(op="status")["cars"][1]["camera_frozen"] is True
    office.ask(op="freeze_camera", car="car-2", frozen=False)
    assert office.cameras.frozen == set()


def test_board_faults(office: Office) -> None:
    board = office.simulation.boards["car-1"]
    office.ask(op="unplug", car="car-1")
    assert board.receive(b"anything") == b""
    assert board.faults.unplugged
    office.ask(op="unplug", car="car-1", unplugged=False)
    office.ask(op="board_fault", car="car-1", fault="drop", on=True)
    assert (board.faults.unplugged, board.faults.drop) == (False, 0.2)
    assert office.ask(op="power_cut", car="car-1") == {"ok": True}


@pytest.mark.parametrize(
    ("request_line", "error"),
    [
        (b"nonsense", "Invalid JSON"),
        (b'{"op": "dance"}', "dance"),
        (b"{}", "op"),
        (b'{"op": "place", "car": "car-1", "x_m": 1}', "place.y_m: Field required"),
        (b'{"op": "place", "car": "car-1", "x_m": 1, "y_m": 1, "heading_rad": NaN}', "heading_rad"),
        (b'{"op": "status", "extra": 1}', "extra"),
        (b'{"op": "power_cut", "car": "car-9"}', "there is no car 'car-9'; there are car-1, car-2"),
        (b'{"op": "board_fault", "car": "car-1", "fault": "gremlins", "on": true}', "no fault 'gremlins'"),
    ],
)
def test_a_wrong_request_gets_one_clear_error(office: Office, request_line: bytes, error: str) -> None:
    answer = office.desk.answer(request_line)
    assert error in str(answer["error"])


async def test_lines_over_a_socket(office: Office) -> None:
    endpoint = TcpEndpoint(office.desk.serve)
    await endpoint.open("127.0.0.1", 0)
    reader, writer = await asyncio.open_connection(endpoint.host, endpoint.port)
    writer.write(b'{"op": "status"}\nnonsense\n{"op": "reset_counts"}\n')
    answers = [json.loads(await reader.readline()) for _ in range(3)]
    assert answers[0]["cars"][1]["id"] == "car-2"
    assert "error" in answers[1]
    assert answers[2] == {"ok": True}
    await endpoint.close()
    assert await reader.read() == b""
    writer.close()


async def test_a_taken_port_is_named(office: Office) -> None:
    first, second = TcpEndpoint(office.desk.serve), TcpEndpoint(office.desk.serve)
    await first.open("127.0.0.1", 0)
    with pytest.raises(OSError, match=f"cannot listen on 127.0.0.1:{first.port}"):
        await second.open("127.0.0.1", first.port)
    await second.close()
    await first.close()
