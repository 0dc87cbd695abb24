"""Making board and motors ready to drive, wheels at rest; everything is read back at the end."""

from __future__ import annotations

from dataclasses import dataclass

from firmware_bridge.errors import (
    EmergencyStopError,
    MotorFaultError,
    NoBatteryError,
    NotRespondingError,
    PowerOffError,
    RefusedError,
    WrongDeviceError,
)
from firmware_bridge.link import DeviceLink, Span
from firmware_bridge.port import Clock
from firmware_bridge.registers import (
    BOARD_ID,
    BOARD_MODEL,
    BUS_WATCHDOG_UNIT_S,
    LEFT_ID,
    MOTOR_MODEL,
    RIGHT_ID,
    VELOCITY_MODE,
    BoardErrorBits,
    BoardRegisters,
    MotorRegisters,
    Register,
)
from firmware_bridge.state import PACK_ABSENT_V

MOTOR_IDS = (LEFT_ID, RIGHT_ID)
BOOT_TIMEOUT_S = 1.5
# While motors start, the time-out of one lost answer must not count as a lost host; the wheels are at rest then.
HEARTBEAT_TIMEOUT_MS = 2000

_MOTOR_SETTINGS: Span = (MotorRegisters.MODEL.address, MotorRegisters.OPERATING_MODE.end)


@dataclass(frozen=True, slots=True)
class Timeouts:
    """After how long a silence the board cuts the power, and the motors stop by themselves."""

    heartbeat_s: float
    bus_watchdog_s: float

    @property
    def bus_watchdog_units(self) -> int:
        """The value of the motors' register."""
        return max(1, min(127, round(self.bus_watchdog_s / BUS_WATCHDOG_UNIT_S)))


class BringUp:
    """One attempt."""

    def __init__(self, link: DeviceLink, timeouts: Timeouts, clock: Clock, heartbeat: int) -> None:
        self._link = link
        self._timeouts = timeouts
        self._clock = clock
        self.heartbeat = heartbeat

    def run(self) -> None:
        """Go through all of it.

        Raises:
            BoardError: if it is not possible yet; says what to do.
        """
        self._expect(BOARD_ID, BOARD_MODEL)
        self._write_board(BoardRegisters.CLEAR_ERRORS, 1)
        self._write_board(BoardRegisters.HEARTBEAT_TIMEOUT_MS, HEARTBEAT_TIMEOUT_MS)
        self._beat()
        self._power_on()
        self._await_motors()
        for motor_id in MOTOR_IDS:
            self._set_up(motor_id)
            self._beat()
        self._write_board(BoardRegisters.HEARTBEAT_TIMEOUT_MS, round(self._timeouts.heartbeat_s * 1000))
        self._beat()

    def _write_board(self, register: Register, value: int) -> None:
        self._link.write(BOARD_ID, register, value)

    def _beat(self) -> None:
        self.heartbeat = (self.heartbeat + 1) % 256
        self._write_board(BoardRegisters.HEARTBEAT, self.heartbeat)

    def _expect(self, device_id: int, model: int, tries: int = 2) -> None:
        found = self._link.ping(device_id, tries)
        if found != model:
            raise WrongDeviceError(
                f"board at {self._link.url}: device {device_id} is model {found}, not {model}", device_id
            )

    def _power_on(self) -> None:
        try:
            self._write_board(BoardRegisters.MOTOR_POWER, 1)
        except RefusedError:
            errors = self._link.read(BOARD_ID, BoardRegisters.ERRORS)
            raise_for_errors(self._link.url, errors & ~BoardErrorBits.LOW_BATTERY)
            buttons = self._link.read(BOARD_ID, BoardRegisters.BUTTONS)
            raise EmergencyStopError(
                f"board at {self._link.url}: motor power stays off (buttons {buttons:#05b}): "
                "pull out the enable button and switch the power on",
                BOARD_ID,
            ) from None

    def _await_motors(self) -> None:
        deadline_s = self._clock.now_s() + BOOT_TIMEOUT_S
        waiting = list(MOTOR_IDS)
        while waiting:
            self._beat()
            try:
                self._expect(waiting[0], MOTOR_MODEL, tries=1)
                waiting.pop(0)
            except NotRespondingError:
                if self._clock.now_s() > deadline_s:
                    raise_for_pack(self._link.url, self._link.read(BOARD_ID, BoardRegisters.BATTERY_MV))
                    raise

    def _set_up(self, motor_id: int) -> None:
        link, registers = self._link, MotorRegisters
        error = link.read(motor_id, registers.HARDWARE_ERROR)
        if error:
            link.reboot(motor_id)
            raise MotorFaultError(
                f"board at {link.url}: motor {motor_id} had hardware error {error:#04x} and is starting again; "
                "try again in a moment",
                motor_id,
            )
        link.write(motor_id, registers.TORQUE_ENABLE, 0)
        wanted = {registers.ID: motor_id, registers.RETURN_DELAY: 0, registers.OPERATING_MODE: VELOCITY_MODE}
        settings = link.read_block(motor_id, _MOTOR_SETTINGS)
        for register, value in wanted.items():
            if settings[register] != value:  # EEPROM wears out: write only what differs
                link.write(motor_id, register, value)
        link.write(motor_id, registers.BUS_WATCHDOG, 0)  # clears one that has tripped
        link.write(motor_id, registers.GOAL_VELOCITY, 0)
        link.write(motor_id, registers.BUS_WATCHDOG, self._timeouts.bus_watchdog_units)
        link.write(motor_id, registers.TORQUE_ENABLE, 1)
        # An acknowledgement may be of another write; what stands in the table is not.
        settings = link.read_block(motor_id, _MOTOR_SETTINGS)
        wrong = [register.address for register, value in wanted.items() if settings[register] != value]
        if wrong or settings[registers.MODEL] != MOTOR_MODEL:
            raise MotorFaultError(
                f"board at {link.url}: motor {motor_id} did not keep its settings (registers {wrong})", motor_id
            )


def raise_for_errors(url: str, errors: int) -> None:
    """Say what the board's error bits mean; a low battery alone is no error here.

    Raises:
        PowerOffError, EmergencyStopError: for the gravest bit.
    """
    if errors & BoardErrorBits.EMERGENCY_STOP:
        raise EmergencyStopError(f"board at {url}: emergency stop: pull out the enable button", BOARD_ID)
    if errors & BoardErrorBits.OVERHEATED:
        raise PowerOffError(f"board at {url}: it is too hot for the motors to have power; let it cool", BOARD_ID)
    if errors & BoardErrorBits.BROWN_OUT:
        raise PowerOffError(f"board at {url}: its own supply has sagged; check cable and regulator", BOARD_ID)
    if errors & BoardErrorBits.HOST_LOST:
        raise PowerOffError(f"board at {url}: it cut the motor power, as no heartbeat came in time", BOARD_ID)
    if errors & BoardErrorBits.BUS_SILENT:
        raise PowerOffError(f"board at {url}: the motors lost their power; check plug and fuse", BOARD_ID)


def raise_for_pack(url: str, battery_mv: int) -> None:
    """Say why motors have no power if it is for want of a battery.

    Raises:
        NoBatteryError: if what the board measures cannot be a pack.
    """
    voltage_v = battery_mv * BoardRegisters.BATTERY_MV.scale
    if voltage_v < PACK_ABSENT_V:
        raise NoBatteryError(f"board at {url}: no battery ({voltage_v:.1f} V): put a charged pack in", BOARD_ID)
