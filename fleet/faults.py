"""What a car's fault is about, by a code that pages translate. A car tells faults in English, `part: what is wrong`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import StrEnum


class FaultCode(StrEnum):
    """What an operator has to look after."""

    CAMERA = "camera"
    EMERGENCY_STOP = "emergency_stop"
    NO_BATTERY = "no_battery"
    MOTOR_POWER = "motor_power"
    MOTOR = "motor"
    BOARD = "board"  # anything else about it: not plugged in, silent
    SERVER = "server"  # it is not heard
    OTHER = "other"  # the words say it alone


# The first that fits. Codes are read from the words, as both ends of the link refuse keys that they do not know.
_BEGINNINGS = (
    (re.compile(r"camera: "), FaultCode.CAMERA),
    (re.compile(r"server: "), FaultCode.SERVER),
    (re.compile(r"board at \S+: emergency stop\b"), FaultCode.EMERGENCY_STOP),
    (re.compile(r"board at \S+: no battery\b"), FaultCode.NO_BATTERY),
    (re.compile(r"board at \S+: .*\b(motor power|have power|lost their power|own supply)\b"), FaultCode.MOTOR_POWER),
    (re.compile(r"board at \S+: motor \d+\b"), FaultCode.MOTOR),
    (re.compile(r"board( at \S+)?: "), FaultCode.BOARD),
)


def fault_codes(faults: Iterable[str]) -> tuple[FaultCode, ...]:
    """The code of each fault as a car tells it."""
    return tuple(_code(words) for words in faults)


def _code(words: str) -> FaultCode:
    return next((code for beginning, code in _BEGINNINGS if beginning.match(words)), FaultCode.OTHER)
