"""The firmware and the emulator are two implementations of one board: the same addresses, and the same answers.

What they may differ in is left out: the clock and the battery (measured differently), motors' measured values and group
writes that switch the power beside writing to motors (the firmware's power goes a millisecond later), a bulk write that
ends within a part (the firmware ignores that part), and group reads in which the board stands behind a motor (the
firmware answers when the motor has, or has not in 10 ms).
"""

from __future__ import annotations

import random
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from firmware_bridge.emulator.board import DEFAULT_HEARTBEAT_TIMEOUT_MS, HEARTBEAT_TIMEOUTS_MS, BoardEmulator
from firmware_bridge.protocol import BROADCAST_ID, HEADER, Instruction, Packet
from firmware_bridge.registers import (
    BOARD_ID,
    BOARD_MODEL,
    LEFT_ID,
    RIGHT_ID,
    BoardErrorBits,
    BoardRegisters,
    ButtonBits,
    MotorRegisters,
    named_registers,
)
from tests.firmware_bridge.firmware_build import FIRMWARE, build
from tests.firmware_bridge.firmware_lockstep import Firmware, FirmwareCar

STEP_MS = 21  # no time-out that is used is a multiple of it
DEVICES = (BOARD_ID, LEFT_ID, RIGHT_ID)


@pytest.fixture
def program(firmware_programs: Path) -> Path:
    return firmware_programs / "lockstep"


@pytest.fixture
def firmware(program: Path) -> Iterator[Firmware]:
    with Firmware(program) as started:
        yield started


def c_constants(header: str) -> dict[str, int]:
    """The numbers of a header's enums."""
    text = (FIRMWARE / "core" / header).read_text()
    return {name: int(value) for name, value in re.findall(r"\b([A-Z_]+) = (\d+)", text)}


def test_the_control_table_is_the_clients() -> None:
    found = c_constants("registers.h")
    for name, register in named_registers(BoardRegisters).items():
        assert found[f"BOARD_{name}"] == register.address, name
    assert found["BOARD_END"] == BoardRegisters.END
    assert range(found["BOARD_WRITABLE_START"], found["BOARD_WRITABLE_END"]) == BoardRegisters.WRITABLE
    assert found["BOARD_MODEL_NUMBER"] == BOARD_MODEL
    assert found["MOTOR_GOAL_VELOCITY"] == MotorRegisters.GOAL_VELOCITY.address
    for error in BoardErrorBits:
        assert found[error.name or ""] == error
    for button in ButtonBits:
        assert found[f"BUTTON_{button.name}"] == button


def test_the_time_outs_are_the_emulators() -> None:
    found = c_constants("board.h")
    assert found["HEARTBEAT_TIMEOUT_DEFAULT_MS"] == DEFAULT_HEARTBEAT_TIMEOUT_MS
    assert found["HEARTBEAT_TIMEOUT_MIN_MS"] == HEARTBEAT_TIMEOUTS_MS.start
    assert found["HEARTBEAT_TIMEOUT_MAX_MS"] == HEARTBEAT_TIMEOUTS_MS.stop - 1


def test_the_core_needs_no_libc(tmp_path: Path) -> None:
    """Only what the compiler itself asks for; a board's layer supplies that."""
    if not shutil.which("nm"):
        pytest.skip("needs nm, of binutils")
    objects = sorted((build("host", tmp_path) / "core").glob("*.o"))
    assert len(objects) > 8
    listed = subprocess.run(["nm", "-A", *objects], capture_output=True, text=True, check=True).stdout
    defined = set(re.findall(r" [TtRrDdBb] (\w+)$", listed, re.MULTILINE))
    wanted = set(re.findall(r" U (\w+)$", listed, re.MULTILINE))
    hardware = {name for name in wanted if name.startswith("hal_")}
    assert wanted - defined - hardware <= {"memcpy", "memset", "_GLOBAL_OFFSET_TABLE_"}
    assert hardware == set(re.findall(r"\b(hal_\w+)\(", (FIRMWARE / "hal.h").read_text()))


def little(*numbers: int) -> bytes:
    return b"".join(number.to_bytes(2, "little") for number in numbers)


def random_span(rng: random.Random, device_id: int) -> tuple[int, int]:
    """Address and size of a read that both answer alike."""
    if device_id != BOARD_ID:
        first = rng.randrange(0, 119)
        return first, rng.randrange(1, 120 - first)
    first, end = rng.choice([(0, 74), (80, 92), (80, 200)])
    address = rng.randrange(first, end)
    return address, rng.randrange(1, end - address + 1)


def random_write(rng: random.Random, device_id: int) -> tuple[int, bytes]:
    """Address and data: mostly what a client writes, sometimes anything."""
    if rng.random() < 0.15:
        return rng.randrange(60, 125), rng.randbytes(rng.randrange(1, 8))
    if device_id == BOARD_ID:
        timeout_ms = rng.choice([10, 50, 200, 310, 1000, 5000, 5001])
        choices = [(64, b"\1"), (64, b"\1"), (68, rng.randbytes(1)), (69, b"\1"), (66, little(timeout_ms)), (64, b"\0")]
    else:
        goal = rng.randrange(-300, 300).to_bytes(4, "little", signed=True)
        choices = [(64, b"\1"), (11, b"\1"), (104, goal), (104, goal), (98, b"\0"), (65, rng.randbytes(1))]
    return rng.choice(choices)


def random_packet(rng: random.Random) -> Packet:
    device_id = rng.choice((*DEVICES, BOARD_ID, 99))
    order = rng.sample(DEVICES, rng.randrange(1, 4))
    address, size = random_span(rng, BOARD_ID if BOARD_ID in order else device_id)
    board_first = sorted(order, key=lambda k: k != BOARD_ID)
    match rng.randrange(10):
        case 0:
            return Packet(rng.choice((device_id, BROADCAST_ID)), Instruction.PING)
        case 1 | 2:
            return Packet(device_id, Instruction.READ, little(*random_span(rng, device_id)))
        case 3 | 4:
            address, data = random_write(rng, device_id)
            return Packet(device_id, Instruction.WRITE, little(address) + data)
        case 5:
            return Packet(BROADCAST_ID, Instruction.SYNC_READ, little(address, size) + bytes(board_first))
        case 6:
            parts = [bytes([k]) + little(*random_span(rng, k)) for k in board_first]
            return Packet(BROADCAST_ID, Instruction.BULK_READ, b"".join(parts))
        case 7:
            writes = [(k, *random_write(rng, k)) for k in order]
            writes = [(k, to, data) for k, to, data in writes if k != BOARD_ID or to > 64]
            parts = [bytes([k]) + little(to, len(data)) + data for k, to, data in writes]
            return Packet(BROADCAST_ID, Instruction.BULK_WRITE, b"".join(parts))
        case 8:  # clears errors and switches on, with a long time-out
            return Packet(BOARD_ID, Instruction.WRITE, little(64) + b"\1\0" + little(5000) + rng.randbytes(1) + b"\1")
        case _:
            address, data = random_write(rng, device_id)
            parts = [bytes([k]) + data for k in order]
            return Packet(BROADCAST_ID, Instruction.SYNC_WRITE, little(address, len(data)) + b"".join(parts))


@pytest.mark.parametrize("seed", range(20))
def test_it_answers_as_the_emulator_does(firmware: Firmware, seed: int) -> None:
    rng = random.Random(seed)
    emulator, car = BoardEmulator(), FirmwareCar(firmware)
    answered = powered = 0
    for k in range(300):
        request = random_packet(rng)
        expected = emulator.receive(request.encode())
        found = car.receive(request.encode())
        for _ in range(rng.choice([1, 1, 1, 1, 5])):
            emulator.step(STEP_MS / 1000)
            car.step(STEP_MS / 1000)
        assert found + car.receive(b"") == expected, f"packet {k}: {request}"
        assert car.has_power() == bool(emulator.get(BoardRegisters.MOTOR_POWER)), f"packet {k}: {request}"
        answered += bool(expected)
        powered += car.has_power()
    assert answered > 100
    assert powered > 60


TEMPTING = (HEADER, HEADER + b"\xc8", b"\xff\xff\xfd\xfd", b"\x92", b"\x83\x40\x00", b"\xfe\x00\x00")


def fuzz(rng: random.Random, size: int) -> bytes:
    """Packets of anything, packets that are almost right, and noise, `size` bytes or more."""
    made = bytearray()
    while len(made) < size:
        kind = rng.random()
        if kind < 0.3:
            made += rng.randbytes(rng.randrange(40))
        elif kind < 0.5:
            made += rng.choice(TEMPTING)
        elif kind < 0.75:
            made += random_packet(rng).encode()
        else:
            device_id, instruction = rng.choice((*DEVICES, BROADCAST_ID)), rng.choice((*Instruction, 4, 5, 0x42))
            made += Packet(device_id, instruction, rng.randbytes(rng.randrange(230))).encode()
    return bytes(made)


@pytest.mark.parametrize(
    ("seed", "size"),
    [
        *((seed, 150_000) for seed in range(3)),
        pytest.param(3, 10_000_000, marks=[pytest.mark.slow, pytest.mark.timeout(3600)]),
    ],
)
def test_random_bytes_from_both_sides_are_survived(firmware: Firmware, seed: int, size: int) -> None:
    rng = random.Random(seed)
    taken = 0
    while taken < size:
        data = fuzz(rng, 2000)
        taken += len(data)
        firmware.command(rng.choice((b"h", b"h", b"b")), data)
        if rng.random() < 0.3:
            firmware.command(b"i", rng.randbytes(3))
        firmware.command(b"t", little(rng.choice((0, 1, 5, 30, 400))))
    firmware.command(b"i", b"\x05" + little(2700))
    firmware.command(b"t", little(5000))
    pins = firmware.command(b"t", little(100)).pins
    assert not pins & 1, "silence has cut the power"
    answer = firmware.command(b"h", Packet(BOARD_ID, Instruction.PING).encode())
    assert answer.to_host[:5] == HEADER + bytes([BOARD_ID])
