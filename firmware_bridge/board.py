"""The car's view of its board: one exchange each control step, in radians per second, forward positive."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from typing import Self

from firmware_bridge.bring_up import MOTOR_IDS, BringUp, Timeouts, raise_for_errors, raise_for_pack
from firmware_bridge.errors import (
    BoardError,
    BoardSilentError,
    MotorFaultError,
    NotRespondingError,
    PowerOffError,
    StaleReplyError,
)
from firmware_bridge.freshness import ClockWatch
from firmware_bridge.link import DeviceLink, Span
from firmware_bridge.port import Clock, MonotonicClock
from firmware_bridge.registers import (
    BOARD_ID,
    DIRECTIONS,
    LEFT_ID,
    PULSE_RAD,
    PULSES_PER_TURN,
    RIGHT_ID,
    VELOCITY_UNIT_RAD_S,
    Block,
    BoardRegisters,
    MotorRegisters,
    Register,
)
from firmware_bridge.state import BoardState, MotorState

MAX_GOAL = 265  # register 44 of the motors as delivered


def _span(first: Register, end: int) -> Span:
    return first.address, end - first.address


_BOARD_SPAN = _span(BoardRegisters.MOTOR_POWER, BoardRegisters.END)
_MOTOR_SPAN = _span(MotorRegisters.TORQUE_ENABLE, MotorRegisters.END)
_SPANS = {BOARD_ID: _BOARD_SPAN, **dict.fromkeys(MOTOR_IDS, _MOTOR_SPAN)}  # the board answers first


class Board:
    """An open, powered board. Blocking; owned by one thread.

    If anything raises, the wheels stop by themselves (heartbeat, bus watchdog) unless the next `exchange` comes in
    time; after anything but a lost or stale reply, call `recover` to go on.
    """

    def __init__(self, link: DeviceLink, timeouts: Timeouts, clock: Clock) -> None:
        self._link = link
        self._timeouts = timeouts
        self._clock = clock
        self._heartbeat = 0
        self._clocks = ClockWatch()
        self._last_pulses: dict[int, int] = {}
        self._pulses = dict.fromkeys(MOTOR_IDS, 0)

    @classmethod
    def open(
        cls,
        url: str,
        *,
        heartbeat_timeout_s: float = 0.2,
        bus_watchdog_s: float = 0.2,
        clock: Clock | None = None,
    ) -> Self:
        """Open a board by its pyserial URL and make it ready to drive, wheels at rest.

        Raises:
            BoardError: of the kind that fits; names the port and the device.
        """
        clock = clock or MonotonicClock()
        board = cls(DeviceLink(url, clock), Timeouts(heartbeat_timeout_s, bus_watchdog_s), clock)
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
        """Open the port if it is gone, clear what is latched, power on, set everything up; wheels at rest.

        Raises:
            BoardError: if that is not possible yet; may be tried again.
        """
        self._link.open()
        bring_up = BringUp(self._link, self._timeouts, self._clock, self._heartbeat)
        try:
            bring_up.run()
        finally:
            self._heartbeat = bring_up.heartbeat
        answers = self._read_all()
        self._check_heartbeat(answers[BOARD_ID])
        started = self._clocks.set(*_clocks(answers))
        for motor_id in MOTOR_IDS:
            # A motor that has started knows its angle and has forgotten its turns; it has not rolled half of one since.
            self._count_pulses(motor_id, answers[motor_id], PULSES_PER_TURN if motor_id in started else 2**32)

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
                BOARD_ID: (BoardRegisters.HEARTBEAT, self._heartbeat),
                **{k: (MotorRegisters.GOAL_VELOCITY, goal) for k, goal in goals.items()},
            }
        )
        answers = self._read_all()
        self._check_heartbeat(answers[BOARD_ID])
        self._check_power(answers[BOARD_ID])
        self._check_clocks(answers)
        for motor_id, goal in goals.items():
            self._check_driving(motor_id, answers[motor_id], goal)
        board = answers[BOARD_ID]
        return BoardState(
            time_s=self._clock.now_s(),
            uptime_s=board.value(BoardRegisters.UPTIME_MS),
            left=self._motor_state(LEFT_ID, answers[LEFT_ID]),
            right=self._motor_state(RIGHT_ID, answers[RIGHT_ID]),
            battery_v=board.value(BoardRegisters.BATTERY_MV),
            buttons=board[BoardRegisters.BUTTONS],
            power_on=bool(board[BoardRegisters.MOTOR_POWER]),
            errors=board[BoardRegisters.ERRORS],
        )

    def close(self) -> None:
        """Stop the wheels, switch the motors off, close the port; never raises for a board that is gone."""
        with contextlib.suppress(BoardError):  # without us its heartbeat stops it
            self._link.write_many(dict.fromkeys(MOTOR_IDS, (MotorRegisters.GOAL_VELOCITY, 0)))
            self._link.write(BOARD_ID, BoardRegisters.MOTOR_POWER, 0)
        self._link.close()

    def _read_all(self) -> dict[int, Block]:
        try:
            return self._link.read_many(_SPANS)
        except BoardSilentError:
            raise
        except NotRespondingError:
            # Motors are silent when the board has cut their power; then its reason is the better error.
            self._check_power(self._link.read_block(BOARD_ID, _BOARD_SPAN))
            return self._link.read_many(_SPANS)

    def _check_heartbeat(self, board: Block) -> None:
        """The board must show the heartbeat that this request has written."""
        if board[BoardRegisters.HEARTBEAT] != self._heartbeat:
            self._stale(BOARD_ID, "answered an earlier request, or did not get this one")

    def _check_clocks(self, answers: Mapping[int, Block]) -> None:
        stale_id = self._clocks.stale(*_clocks(answers))
        if stale_id is not None:
            self._stale(stale_id, "answered an earlier request, or has just restarted")

    def _stale(self, device_id: int, what: str) -> None:
        self._link.settle()
        raise StaleReplyError(f"board at {self.url}: device {device_id} {what}", device_id)

    def _check_power(self, board: Block) -> None:
        powered = board[BoardRegisters.MOTOR_POWER]
        if not powered:
            raise_for_pack(self.url, board[BoardRegisters.BATTERY_MV])
        raise_for_errors(self.url, board[BoardRegisters.ERRORS])
        if not powered:
            raise PowerOffError(f"board at {self.url}: motor power is off", BOARD_ID)

    def _check_driving(self, motor_id: int, motor: Block, goal: int) -> None:
        registers = MotorRegisters
        if error := motor[registers.HARDWARE_ERROR]:
            raise MotorFaultError(
                f"board at {self.url}: motor {motor_id} has hardware error {error:#04x} "
                f"at {motor[registers.PRESENT_TEMPERATURE]} degrees Celsius "
                f"and {motor.value(registers.PRESENT_VOLTAGE):.1f} V",
                motor_id,
            )
        found = {
            "torque": (motor[registers.TORQUE_ENABLE], 1),
            "watchdog": (motor[registers.BUS_WATCHDOG], self._timeouts.bus_watchdog_units),
            "goal": (motor[registers.GOAL_VELOCITY], goal),
        }
        wrong = ", ".join(f"{name} {value}, not {wanted}" for name, (value, wanted) in found.items() if value != wanted)
        if wrong:
            raise MotorFaultError(f"board at {self.url}: motor {motor_id} does not take commands ({wrong})", motor_id)

    def _motor_state(self, motor_id: int, motor: Block) -> MotorState:
        direction = DIRECTIONS[motor_id]
        self._count_pulses(motor_id, motor, 2**32)
        return MotorState(
            velocity_rad_s=direction * motor.value(MotorRegisters.PRESENT_VELOCITY),
            position_rad=self._pulses[motor_id] * PULSE_RAD,
            load=direction * motor.value(MotorRegisters.PRESENT_LOAD),
            voltage_v=motor.value(MotorRegisters.PRESENT_VOLTAGE),
            temperature_c=motor.value(MotorRegisters.PRESENT_TEMPERATURE),
            hardware_error=motor[MotorRegisters.HARDWARE_ERROR],
        )

    def _count_pulses(self, motor_id: int, motor: Block, counter_range: int) -> None:
        pulses, half = motor[MotorRegisters.PRESENT_POSITION], counter_range // 2
        step = (pulses - self._last_pulses.get(motor_id, pulses) + half) % counter_range - half
        self._last_pulses[motor_id] = pulses
        self._pulses[motor_id] += DIRECTIONS[motor_id] * step


def _clocks(answers: Mapping[int, Block]) -> tuple[int, dict[int, int]]:
    """The board's and the motors' milliseconds."""
    ticks_ms = {k: answers[k][MotorRegisters.REALTIME_TICK_MS] for k in MOTOR_IDS}
    return answers[BOARD_ID][BoardRegisters.UPTIME_MS], ticks_ms


def _goal(motor_id: int, velocity_rad_s: float) -> int:
    units = round(DIRECTIONS[motor_id] * velocity_rad_s / VELOCITY_UNIT_RAD_S)
    return max(-MAX_GOAL, min(MAX_GOAL, units))
