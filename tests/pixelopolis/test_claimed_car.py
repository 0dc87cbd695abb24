"""Drivers that claim simulated cars: waiting, losing a claim, ending; the claim port is the real one."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest

from city.files import load_city
from fleet.clock import ManualClock, WallClock
from pixelopolis.claimed_car.claim import ClaimedCar, ClaimLine
from pixelopolis.claimed_car.driver import REMIND_AFTER_S, RETRY_PERIOD_S, CarEndedError, Driver
from sim.claims import ClaimBook
from sim.endpoints.claim_desk import ClaimDesk
from sim.endpoints.tcp_endpoint import TcpEndpoint
from sim.lockstep import Simulation
from sim.placing import Placing


class Simulator:
    """The claim port of two cars."""

    def __init__(self) -> None:
        self.port = 0
        self._endpoint: TcpEndpoint | None = None

    async def open(self) -> None:
        city = load_city("square")
        simulation = Simulation(city, 2, 1)
        desk = ClaimDesk(ClaimBook(simulation.car_ids), Placing(city, simulation.world), WallClock())
        desk.tell_ports({"car-1": (1, 11), "car-2": (1, 12)})
        self._endpoint = TcpEndpoint(desk.serve)
        await self._endpoint.open("127.0.0.1", self.port)
        self.port = self._endpoint.port

    async def close(self) -> None:
        if self._endpoint is not None:
            await self._endpoint.close()


class Car:
    """A car's process that ends when the test says so."""

    def __init__(self, car: ClaimedCar) -> None:
        self.car = car
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.was_stopped = False

    async def wait(self) -> int:
        return await asyncio.shield(self._status)

    async def stop(self) -> None:
        self.was_stopped = True
        self.end(0)

    def end(self, status: int) -> None:
        if not self._status.done():
            self._status.set_result(status)


class Seat:
    """A driver that runs, and the cars that it has started."""

    def __init__(self, port: int) -> None:
        self.clock = ManualClock()
        self.cars: list[Car] = []
        self.task = asyncio.create_task(Driver(ClaimLine("127.0.0.1", port), self._start, self.clock).run())

    async def _start(self, car: ClaimedCar) -> Car:
        self.cars.append(Car(car))
        return self.cars[-1]

    async def until_cars(self, count: int) -> None:
        async with asyncio.timeout(20):
            while len(self.cars) < count:
                await self.pass_time()

    async def pass_time(self) -> None:
        """Let a driver that waits go on, and whatever it asks be answered."""
        self.clock.advance(RETRY_PERIOD_S)
        await asyncio.sleep(0.005)

    async def leave(self) -> None:
        self.task.cancel()
        with contextlib.suppress(asyncio.CancelledError, CarEndedError):
            await self.task


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    simulator = Simulator()
    await simulator.open()
    yield simulator
    await simulator.close()


async def test_each_driver_drives_a_car_of_its_own(simulator: Simulator) -> None:
    seats = [Seat(simulator.port) for _ in range(2)]
    for seat in seats:
        await seat.until_cars(1)
    cars = sorted((seat.cars[0].car for seat in seats), key=lambda car: car.car_id)
    assert [car.car_id for car in cars] == ["car-1", "car-2"]
    assert cars[1] == ClaimedCar("car-2", "tcp://127.0.0.1:1/car-2", "socket://127.0.0.1:12")
    for seat in seats:
        await seat.leave()
        assert seat.cars[0].was_stopped


async def test_one_too_many_says_so_once_a_minute_and_gets_the_first_car_that_is_free(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    seats = [Seat(simulator.port) for _ in range(2)]
    for seat in seats:
        await seat.until_cars(1)
    late = Seat(simulator.port)
    for _ in range(10):
        await late.pass_time()
    assert late.cars == []
    words = f"simulator 127.0.0.1:{simulator.port}: all 2 simulated cars have a driver; this one waits for one"
    assert caplog.messages.count(words) == 1
    late.clock.advance(REMIND_AFTER_S)
    async with asyncio.timeout(20):
        while caplog.messages.count(words) < 2:
            await late.pass_time()
    freed = seats[0].cars[0].car
    await seats[0].leave()
    await late.until_cars(1)
    assert late.cars[0].car == freed
    for seat in (seats[1], late):
        await seat.leave()


async def test_a_driver_stops_its_car_when_the_simulator_goes_and_gets_it_back(simulator: Simulator) -> None:
    first, second = Seat(simulator.port), Seat(simulator.port)
    for seat in (first, second):
        await seat.until_cars(1)
    await simulator.close()
    async with asyncio.timeout(20):
        while not (first.cars[0].was_stopped and second.cars[0].was_stopped):
            await asyncio.gather(first.pass_time(), second.pass_time())
    assert len(first.cars) == 1
    await simulator.open()
    for seat in (second, first):
        await seat.until_cars(2)
        assert seat.cars[0].car.car_id == seat.cars[1].car.car_id
        await seat.leave()


async def test_a_car_that_ends_by_itself_ends_its_driver_who_says_how(simulator: Simulator) -> None:
    seat = Seat(simulator.port)
    await seat.until_cars(1)
    seat.cars[0].end(2)
    with pytest.raises(CarEndedError, match="car-1: its process ended with status 2"):
        await seat.task


async def test_a_simulator_that_is_not_there_yet_is_waited_for(
    simulator: Simulator, caplog: pytest.LogCaptureFixture
) -> None:
    await simulator.close()
    seat = Seat(simulator.port)
    for _ in range(5):
        await seat.pass_time()
    assert sum("cannot connect" in message for message in caplog.messages) == 1
    await simulator.open()
    await seat.until_cars(1)
    await seat.leave()
