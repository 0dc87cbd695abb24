"""World, boards and cameras together, without sockets: bytes in, motion and pictures out."""

import numpy as np
import pytest

from city.files import load_city
from city.geometry import Pose
from firmware_bridge.protocol import Instruction, Packet
from firmware_bridge.registers import VELOCITY_MODE, BoardRegisters, MotorRegisters, Register
from sim.lockstep import Simulation, car_names

LEFT, RIGHT, BOARD = 1, 2, 200


def write(simulation: Simulation, car: str, device: int, register: Register, value: int) -> None:
    """A host's WRITE; the device must accept it."""
    data = register.address.to_bytes(2, "little") + register.encode(value)
    answer = simulation.exchange(car, Packet(device, Instruction.WRITE, data).encode())
    assert answer[8] & 0x7F == 0, answer.hex()


def switch_on(simulation: Simulation, car: str) -> None:
    write(simulation, car, BOARD, BoardRegisters.MOTOR_POWER, 1)
    for step in range(25):  # motors boot
        write(simulation, car, BOARD, BoardRegisters.HEARTBEAT, step + 1)
        simulation.step()
    for motor in (LEFT, RIGHT):
        write(simulation, car, motor, MotorRegisters.OPERATING_MODE, VELOCITY_MODE)
        write(simulation, car, motor, MotorRegisters.TORQUE_ENABLE, 1)


def drive(simulation: Simulation, car: str, seconds: float) -> None:
    write(simulation, car, LEFT, MotorRegisters.GOAL_VELOCITY, 150)
    write(simulation, car, RIGHT, MotorRegisters.GOAL_VELOCITY, -150)  # mounted mirror-wise
    for step in range(round(seconds * 100)):
        if step % 10 == 0:
            write(simulation, car, BOARD, BoardRegisters.HEARTBEAT, step % 256)
        simulation.step()


@pytest.fixture
def simulation() -> Simulation:
    return Simulation(load_city("straight"), 2, 3, starts={"car-1": Pose(1, 0, 0), "car-2": Pose(3, 0, 0)})


def test_cars_have_names_in_order(simulation: Simulation) -> None:
    assert simulation.car_ids == car_names(2) == ("car-1", "car-2")


def test_bytes_move_the_car_that_they_are_sent_to(simulation: Simulation) -> None:
    switch_on(simulation, "car-1")
    drive(simulation, "car-1", 2.0)
    truth = simulation.world.truth("car-1")
    assert truth.speed_mps == pytest.approx(150 * 0.02398 * 0.0315, rel=0.03)
    assert 1.15 < truth.pose.x_m < 1.25
    assert simulation.world.pose("car-2") == Pose(3, 0, 0)


def test_wheels_stop_within_300_ms_of_silence(simulation: Simulation) -> None:
    switch_on(simulation, "car-1")
    drive(simulation, "car-1", 1.0)
    for _ in range(50):
        simulation.step()
    assert abs(simulation.world.truth("car-1").speed_mps) < 0.003


def test_motors_differ_by_at_most_two_percent_and_by_seed() -> None:
    city = load_city("pixelopolis")
    gains = [
        (board.left_gain, board.right_gain) for seed in (1, 2) for board in Simulation(city, 3, seed).boards.values()
    ]
    assert len(set(gains)) == 6
    assert all(0.98 <= gain <= 1.02 for pair in gains for gain in pair)


def test_the_same_seed_and_bytes_give_the_same_motion_and_pictures() -> None:
    def run() -> tuple[object, np.ndarray[tuple[int, ...], np.dtype[np.uint8]]]:
        simulation = Simulation(load_city("straight"), 2, 5)
        switch_on(simulation, "car-1")
        drive(simulation, "car-1", 0.5)
        return [simulation.world.truth(car) for car in simulation.car_ids], simulation.frame("car-1")

    (motion, picture), (motion_again, picture_again) = run(), run()
    assert motion == motion_again
    assert picture.shape == (240, 320, 3)
    assert picture.std() > 10
    np.testing.assert_array_equal(picture, picture_again)


def test_a_camera_shows_what_moves(simulation: Simulation) -> None:
    before = simulation.frame("car-1")
    simulation.world.place("car-2", Pose(1.35, 0, 0))
    assert np.abs(simulation.frame("car-1").astype(int) - before).max() > 50
