"""The codes of faults, read from the very words that cars tell."""

from __future__ import annotations

import pytest

from firmware_bridge.bring_up import raise_for_errors, raise_for_pack
from firmware_bridge.errors import BoardError
from firmware_bridge.registers import BoardErrorBits
from fleet.faults import FaultCode, fault_codes

URL = "socket://127.0.0.1:4000"
POWER_BITS = (
    BoardErrorBits.OVERHEATED,
    BoardErrorBits.BROWN_OUT,
    BoardErrorBits.HOST_LOST,
    BoardErrorBits.BUS_SILENT,
)


def code_of_errors(bits: int) -> FaultCode:
    with pytest.raises(BoardError) as raised:
        raise_for_errors(URL, bits)
    return fault_codes([str(raised.value)])[0]


def test_what_the_board_itself_says() -> None:
    assert code_of_errors(BoardErrorBits.EMERGENCY_STOP) is FaultCode.EMERGENCY_STOP
    assert {code_of_errors(bit) for bit in POWER_BITS} == {FaultCode.MOTOR_POWER}


def test_no_battery() -> None:
    with pytest.raises(BoardError) as raised:
        raise_for_pack(URL, 0)
    assert fault_codes([str(raised.value)]) == (FaultCode.NO_BATTERY,)


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("camera: no picture yet", FaultCode.CAMERA),
        ("camera: newest picture is 0.4 s old", FaultCode.CAMERA),
        ("server: not connected", FaultCode.SERVER),
        ("server: silent", FaultCode.SERVER),
        ("board: no answer", FaultCode.BOARD),
        ("board: not open yet", FaultCode.BOARD),
        ("board at /dev/ttyACM0: the port is gone: [Errno 5]", FaultCode.BOARD),
        ("board at /dev/ttyACM0: motor power is off", FaultCode.MOTOR_POWER),
        ("board at /dev/ttyACM0: motor 2 has hardware error 0x04 at 80 degrees Celsius and 11.1 V", FaultCode.MOTOR),
        ("board at /dev/ttyACM0: motor 1 does not take commands (goal 42, not 83)", FaultCode.MOTOR),
        ("order-2: edge 9 does not follow edge 3", FaultCode.OTHER),
        ("", FaultCode.OTHER),
    ],
)
def test_what_a_car_says(words: str, code: FaultCode) -> None:
    assert fault_codes([words]) == (code,)


def test_one_code_for_each_fault() -> None:
    assert fault_codes(["server: silent", "?", "camera: no picture yet"]) == (
        FaultCode.SERVER,
        FaultCode.OTHER,
        FaultCode.CAMERA,
    )
