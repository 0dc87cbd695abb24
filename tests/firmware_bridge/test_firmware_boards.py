"""The programs of the real boards as they are built, and what can be told of their layer without running it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.firmware_bridge.firmware_build import FIRMWARE
from tests.firmware_bridge.firmware_qemu import pin_map

BOARDS = {"nucleo_l432kc": 48 * 1024, "nucleo_f411re": 128 * 1024}  # bytes of memory
MEMORY_START, FLASH_START = 0x20000000, 0x08000000
BUILDING_A_CAR = FIRMWARE.parents[1] / "docs" / "building-a-car.md"
SIGNALS = {
    "bus send": "BUS_SEND",
    "bus receive": "BUS_RECEIVE",
    "bus direction": "BUS_DIRECTION",
    "motor power": "MOTOR_POWER",
    "fan": "FAN",
    "status LED": "STATUS_LED",
    "motor LED": "MOTOR_LED",
    "enable button": "ENABLE_BUTTON",
    "reset button": "RESET_BUTTON",
    "power switch": "POWER_SWITCH",
    "battery": "BATTERY",
}


@pytest.mark.parametrize("board", BOARDS)
def test_a_program_begins_with_its_stack_and_its_start(firmware_images: Path, board: str) -> None:
    program = (firmware_images / f"{board}.bin").read_bytes()
    stack, start = (int.from_bytes(program[k : k + 4], "little") for k in (0, 4))
    assert stack == MEMORY_START + BOARDS[board]
    assert FLASH_START < start < FLASH_START + len(program)
    assert start % 2 == 1, "Thumb code"
    assert 5_000 < len(program) < 32_000


@pytest.mark.parametrize("board", BOARDS)
def test_no_pin_has_two_tasks(board: str) -> None:
    pins = pin_map(board)
    assert len(pins) == 13
    assert len(set(pins.values())) == len(pins)


@pytest.mark.parametrize("board", BOARDS)
def test_every_wait_of_a_layer_ends(board: str) -> None:
    """Loops without an end are the main loop and the one behind a reset; nothing waits for a register by itself."""
    sources = [*(FIRMWARE / "boards").glob("*.[ch]"), *(FIRMWARE / "boards" / board).glob("*.[ch]")]
    text = "".join(path.read_text() for path in sources)
    assert len(re.findall(r"for \(;;\)", text)) == 2
    for condition in re.findall(r"while \((.*)\)\n", text):
        assert "ring_size" in condition, "what is waited for is bytes that are there"


@pytest.mark.parametrize("board", BOARDS)
def test_the_wiring_table_is_the_programs(board: str) -> None:
    """Pins and their names on the board's headers."""
    column = 2 + list(BOARDS).index(board)
    rows = [line.split("|") for line in BUILDING_A_CAR.read_text().splitlines() if line.startswith("|")]
    table = {row[1].strip(): row[column].strip() for row in rows if len(row) == 6}
    pin_map_text = (FIRMWARE / "boards" / board / "pin_map.h").read_text()
    for signal, name in SIGNALS.items():
        port, number = pin_map(board)[name]
        line = next(line for line in pin_map_text.splitlines() if f" PIN_{name} " in line)
        header = re.search(r"\((\w+)\) ?\*/|\((\w+)\)[,;]", line)
        assert header, line
        assert table[signal] == f"P{'ABC'[port]}{number} ({header[1] or header[2]})"
