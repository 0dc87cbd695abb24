"""What can go wrong between host, board and motors. Each error names the port, and the id where one is meant."""

from __future__ import annotations


class BoardError(RuntimeError):
    """Base of all: the caller may take the wheels to be without command and stopping by themselves.

    `device_id` is the device that it is about, if it is about one.
    """

    def __init__(self, message: str, device_id: int | None = None) -> None:
        super().__init__(message)
        self.device_id = device_id


class DisconnectedError(BoardError):
    """The port is gone: unplugged, or it cannot be opened."""


class NotRespondingError(BoardError):
    """A device does not answer, or not in a way that can be understood."""


class BoardSilentError(NotRespondingError):
    """Not even the board itself answers a ping."""


class StaleReplyError(BoardError):
    """A reply belongs to an earlier request; nothing of it was used."""


class WrongDeviceError(BoardError):
    """A device answers that is not what it should be."""


class RefusedError(BoardError):
    """A device refuses a write."""


class PowerOffError(BoardError):
    """The motors have no power: the board has cut it and remembers why."""


class NoBatteryError(PowerOffError):
    """There is no pack, or an empty one: the board lives on from its cable, the motors do not."""


class EmergencyStopError(PowerOffError):
    """The enable button is out."""


class MotorFaultError(BoardError):
    """A motor has a hardware error and has let go of its wheel."""
