"""The car's view of its board: one exchange each control step, in radians per second, forward positive."""

from __future__ import annotations

import math
import time
from typing import Self

from firmware_bridge.errors import (
    BoardError,
    EmergencyStopError,
    MotorFaultError,
    NotRespondingError,
    PowerOffError,
    StaleReplyError,
    WrongDeviceError,
)
from firmware_bridge.link import DeviceLink
from firmware_bridge.registers import (
    BOARD_ID,
    BOARD_MODEL,
    BUS_WATCHDOG_UNIT_S,
    LEFT_ID,
    MOTOR_MODEL,
    PULSES_PER_TURN,
    RIGHT_ID,
    VELOCITY_MODE,
    VELOCITY_UNIT_RAD_S,
    BoardErrorBits,
    BoardRegisters,
    MotorRegisters,
)
from firmware_bridge.state import BoardState, MotorState

BOOT_TIMEOUT_S = 1.5
MAX_GOAL = 265  # register 44 of the motors as delivered
CLOCK_SLACK_MS = 16  # how far a motor's and the board's clock may differ over one exchange: less than a control step

# The right motor is mounted mirror-wise: its shaft turns backwards when the car goes forward.
DIRECTIONS = {LEFT_ID: 1, RIGHT_ID: -1}

_BOARD_BLOCK = (BoardRegisters.MOTOR_POWER.address, BoardRegisters.END - BoardRegisters.MOTOR_POWER.address)
_MOTOR_BLOCK = (MotorRegisters.TORQUE_ENABLE.address, MotorRegisters.END - MotorRegisters.TORQUE_ENABLE.address)
_BLOCKS = {BOARD_ID: _BOARD_BLOCK, LEFT_ID: _MOTOR_BLOCK, RIGHT_ID: _MOTOR_BLOCK}


class Board:
    """An open, powered board. Blocking; owned by one thread.

    If anything raises, the wheels stop by themselves (heartbeat, bus watchdog); call `recover` to go on.
    """

    def __init__(self, link: DeviceLink, heartbeat_timeout_s: float, bus_watchdog_s: float) -> None:
        self._link = link
        self._heartbeat_timeout_s = heartbeat_timeout_s
        self._bus_watchdog_s = bus_watchdog_s
        self._heartbeat = 0
        self._last_ticks_ms: dict[int, int] | None = None
        self._last_uptime_ms = 0
        self._last_pulses: dict[int, int] = {}
        self._pulses: dict[int, int] = {LEFT_ID: 0, RIGHT_ID: 0}

    @classmethod
    def open(cls, url: str, *, heartbeat_timeout_s: float = 0.2, bus_watchdog_s: float = 0.2) -> Self:
        """Open a board by its pyserial URL and make it ready to drive, wheels at rest.

        Raises:
            BoardError: of the kind that fits; names the port and the device.
        """
        board = cls(DeviceLink(url), heartbeat_timeout_s, bus_watchdog_s)
        try:
            board.recover()
        except BaseException:
            board._link.close()
            raise
        return board

    @property
    def url(self) -> str:
        """The port's URL."""
        return self._link.url

    def recover(self) -> None:
        """Check the devices, clear what is latched, switch the power on and set everything up; wheels at rest.

        Raises:
            BoardError: if that is not possible yet; may be tried again. DisconnectedError needs a new `open`.
        """
        self._last_ticks_ms = None
        self._last_pulses = {}
        self._expect(BOARD_ID, BOARD_MODEL)
        self._link.write(BOARD_ID, BoardRegisters.CLEAR_ERRORS, 1)
        self._link.write(BOARD_ID, BoardRegisters.HEARTBEAT_TIMEOUT_MS, round(self._heartbeat_timeout_s * 1000))
        self._beat()
        self._power_on()
        for motor_id in (LEFT_ID, RIGHT_ID):
            self._set_up_motor(motor_id)
            self._beat()

    def _expect(self, device_id: int, model: int) -> None:
        found = self._link.ping(device_id)
        if found != model:
            raise WrongDeviceError(f"board at {self.url}: device {device_id} is model {found}, not {model}")

    def _beat(self) -> None:
        self._heartbeat = (self._heartbeat + 1) % 256
        self._link.write(BOARD_ID, BoardRegisters.HEARTBEAT, self._heartbeat)

    def _power_on(self) -> None:
        try:
            self._link.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 1)
        except BoardError:
            self._raise_for_errors(self._link.read(BOARD_ID, BoardRegisters.ERRORS))
            buttons = self._link.read(BOARD_ID, BoardRegisters.BUTTONS)
            raise EmergencyStopError(
                f"board at {self.url}: motor power stays off (buttons {buttons:#05b}): "
                "pull out the enable button and switch the power on"
            ) from None
        deadline_s = time.monotonic() + BOOT_TIMEOUT_S
        waiting = [LEFT_ID, RIGHT_ID]
        while waiting:
            self._beat()
            try:
                self._expect(waiting[0], MOTOR_MODEL)
                waiting.pop(0)
            except NotRespondingError:
                if time.monotonic() > deadline_s:
                    raise

    def _set_up_motor(self, motor_id: int) -> None:
        link, registers = self._link, MotorRegisters
        if link.read(motor_id, registers.HARDWARE_ERROR):
            link.reboot(motor_id)
            raise MotorFaultError(f"board at {self.url}: motor {motor_id} had a hardware error and is starting again")
        link.write(motor_id, registers.TORQUE_ENABLE, 0)
        for register, value in ((registers.RETURN_DELAY, 0), (registers.OPERATING_MODE, VELOCITY_MODE)):
            if link.read(motor_id, register) != value:  # EEPROM wears out: write only what differs
                link.write(motor_id, register, value)
        link.write(motor_id, registers.BUS_WATCHDOG, 0)  # clears one that has tripped
        link.write(motor_id, registers.GOAL_VELOCITY, 0)
        link.write(motor_id, registers.BUS_WATCHDOG, round(self._bus_watchdog_s / BUS_WATCHDOG_UNIT_S))
        link.write(motor_id, registers.TORQUE_ENABLE, 1)

    def exchange(self, left_rad_s: float, right_rad_s: float) -> BoardState:
        """Set both wheels' speeds, change the heartbeat and read everything, in one write and one request.

        Raises:
            StaleReplyError: a reply did not belong to this request.
            PowerOffError, EmergencyStopError, MotorFaultError: the wheels are without drive; says why.
            NotRespondingError, DisconnectedError: nothing, or nothing usable, came back.
        """
        goals = {LEFT_ID: _goal(LEFT_ID, left_rad_s), RIGHT_ID: _goal(RIGHT_ID, right_rad_s)}
        self._heartbeat = (self._heartbeat + 1) % 256
        self._link.write_many(
            {
                BOARD_ID: [(BoardRegisters.HEARTBEAT, self._heartbeat)],
                **{k: [(MotorRegisters.GOAL_VELOCITY, goal)] for k, goal in goals.items()},
            }
        )
        answers = self._read_all()
        self._check_fresh(answers)
        board = answers[BOARD_ID]
        state = BoardState(
            time_s=time.monotonic(),
            uptime_s=self._last_uptime_ms / 1000,
            left=self._motor_state(LEFT_ID, answers[LEFT_ID]),
            right=self._motor_state(RIGHT_ID, answers[RIGHT_ID]),
            battery_v=BoardRegisters.BATTERY_MV.decode(board, _BOARD_BLOCK[0]) / 1000,
            buttons=BoardRegisters.BUTTONS.decode(board, _BOARD_BLOCK[0]),
            power_on=bool(BoardRegisters.MOTOR_POWER.decode(board, _BOARD_BLOCK[0])),
            errors=BoardRegisters.ERRORS.decode(board, _BOARD_BLOCK[0]),
        )
        self._raise_for_errors(state.errors)
        self._check_driving(state, answers, goals)
        return state

    def _read_all(self) -> dict[int, bytes]:
        try:
            return self._link.read_many(_BLOCKS)
        except NotRespondingError:
            # Motors are silent when the board has cut their power; then its reason is the better error.
            self._last_ticks_ms = None
            self._raise_for_errors(self._link.read(BOARD_ID, BoardRegisters.ERRORS))
            raise

    def _check_fresh(self, answers: dict[int, bytes]) -> None:
        """The board must show this request's heartbeat; motors' clocks must have gone on as the board's did."""
        board = answers[BOARD_ID]
        if BoardRegisters.HEARTBEAT.decode(board, _BOARD_BLOCK[0]) != self._heartbeat:
            self._link.settle()
            self._last_ticks_ms = None
            raise StaleReplyError(f"board at {self.url}: device {BOARD_ID} answered an earlier request")
        uptime_ms = BoardRegisters.UPTIME_MS.decode(board, _BOARD_BLOCK[0])
        ticks_ms = {k: MotorRegisters.REALTIME_TICK_MS.decode(answers[k], _MOTOR_BLOCK[0]) for k in (LEFT_ID, RIGHT_ID)}
        before, self._last_ticks_ms = self._last_ticks_ms, ticks_ms
        passed_ms, self._last_uptime_ms = uptime_ms - self._last_uptime_ms, uptime_ms
        if before is None:
            return
        for motor_id, tick_ms in ticks_ms.items():
            slip_ms = (tick_ms - before[motor_id] - passed_ms + 16384) % 32768 - 16384
            if abs(slip_ms) > CLOCK_SLACK_MS:
                self._link.settle()
                self._last_ticks_ms = None
                raise StaleReplyError(
                    f"board at {self.url}: motor {motor_id} answered an earlier request, or has just restarted"
                )

    def _raise_for_errors(self, errors: int) -> None:
        if errors & BoardErrorBits.EMERGENCY_STOP:
            raise EmergencyStopError(f"board at {self.url}: emergency stop: pull out the enable button")
        if errors & BoardErrorBits.HOST_LOST:
            raise PowerOffError(f"board at {self.url}: it cut the motor power, as no heartbeat came in time")
        if errors & BoardErrorBits.BUS_SILENT:
            raise PowerOffError(f"board at {self.url}: the motors lost their power; check plug and fuse")

    def _check_driving(self, state: BoardState, answers: dict[int, bytes], goals: dict[int, int]) -> None:
        if not state.power_on:
            raise PowerOffError(f"board at {self.url}: motor power is off")
        for motor_id, motor in ((LEFT_ID, state.left), (RIGHT_ID, state.right)):
            block = answers[motor_id]
            if motor.hardware_error:
                raise MotorFaultError(
                    f"board at {self.url}: motor {motor_id} has hardware error {motor.hardware_error:#04x} "
                    f"at {motor.temperature_c:.0f} degrees Celsius and {motor.voltage_v:.1f} V"
                )
            torque = MotorRegisters.TORQUE_ENABLE.decode(block, _MOTOR_BLOCK[0])
            if not torque or MotorRegisters.GOAL_VELOCITY.decode(block, _MOTOR_BLOCK[0]) != goals[motor_id]:
                raise MotorFaultError(
                    f"board at {self.url}: motor {motor_id} does not take commands (torque {torque}, "
                    f"watchdog {MotorRegisters.BUS_WATCHDOG.decode(block, _MOTOR_BLOCK[0])})"
                )

    def _motor_state(self, motor_id: int, block: bytes) -> MotorState:
        start, direction = _MOTOR_BLOCK[0], DIRECTIONS[motor_id]
        pulses = MotorRegisters.PRESENT_POSITION.decode(block, start)
        step = (pulses - self._last_pulses.get(motor_id, pulses) + 2**31) % 2**32 - 2**31
        self._last_pulses[motor_id] = pulses
        self._pulses[motor_id] += direction * step
        return MotorState(
            velocity_rad_s=direction * MotorRegisters.PRESENT_VELOCITY.decode(block, start) * VELOCITY_UNIT_RAD_S,
            position_rad=self._pulses[motor_id] * 2 * math.pi / PULSES_PER_TURN,
            load=direction * MotorRegisters.PRESENT_LOAD.decode(block, start) / 1000,
            voltage_v=MotorRegisters.PRESENT_VOLTAGE.decode(block, start) / 10,
            temperature_c=float(MotorRegisters.PRESENT_TEMPERATURE.decode(block, start)),
            hardware_error=MotorRegisters.HARDWARE_ERROR.decode(block, start),
        )

    def close(self) -> None:
        """Stop the wheels, switch the motors off, close the port; never raises for a board that is gone."""
        try:
            self._link.write_many({k: [(MotorRegisters.GOAL_VELOCITY, 0)] for k in (LEFT_ID, RIGHT_ID)})
            self._link.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 0)
        except BoardError:
            pass  # without us its heartbeat stops it
        finally:
            self._link.close()


def _goal(motor_id: int, velocity_rad_s: float) -> int:
    units = round(DIRECTIONS[motor_id] * velocity_rad_s / VELOCITY_UNIT_RAD_S)
    return max(-MAX_GOAL, min(MAX_GOAL, units))
