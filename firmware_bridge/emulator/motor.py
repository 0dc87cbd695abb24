"""One XL430-W250 in velocity mode: physics and control table.

Figures marked "e-manual" are the maker's; the others are assumptions to be tuned against a real motor.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from firmware_bridge.protocol import ErrorCode, Instruction, Packet
from firmware_bridge.registers import (
    BUS_WATCHDOG_UNIT_S,
    MOTOR_MODEL,
    PULSES_PER_TURN,
    VELOCITY_MODE,
    VELOCITY_UNIT_RAD_S,
    MotorErrorBits,
    MotorRegisters,
    Register,
)

NO_LOAD_RAD_S_PER_V = 5.1 * 2 * math.pi / 60  # e-manual: 57 rev/min at 11.1 V
STALL_NM_PER_V = 1.4 / 11.1  # e-manual
STALL_A_PER_V = 1.3 / 11.1  # e-manual
STANDBY_A = 0.052  # e-manual
NO_LOAD_A = 0.12
TIME_CONSTANT_S = 0.04
COULOMB_NM = 0.05
BOOT_S = 0.2
VELOCITY_LIMIT = 265  # e-manual, register 44
VOLTAGE_LIMITS = (60, 140)  # 0.1 V; e-manual, registers 34 and 32
GEAR_BRAKE_RAD_S2 = 30.0  # friction in the gears (258.5 : 1) helps a wheel that is to stand
THERMAL_J_PER_K = 60.0
THERMAL_K_PER_W = 7.0
WINDING_OHM = 8.7
AMBIENT_C = 25.0
OVERLOAD_PART = 0.8
OVERLOAD_S = 3.0

_RAM_START = MotorRegisters.EEPROM_END
_WRITABLE_EEPROM = range(7, 64)
_READ_ONLY_RAM = range(MotorRegisters.HARDWARE_ERROR.address, 71), range(MotorRegisters.REALTIME_TICK_MS.address, 147)


@dataclass
class Motor:
    """State of one motor. `gain` makes the wheel of this motor a little faster or slower than the other."""

    id: int
    gain: float = 1.0
    velocity_rad_s: float = 0.0  # of the output shaft
    position_rad: float = 0.0
    temperature_c: float = AMBIENT_C
    current_a: float = 0.0
    table: bytearray = field(default_factory=lambda: bytearray(MotorRegisters.END))
    powered: bool = False
    _boot_left_s: float = BOOT_S
    _since_packet_s: float = 0.0
    _overload_s: float = 0.0
    _uptime_s: float = 0.0
    _load: float = 0.0
    _forgotten_pulses: int = 0

    def __post_init__(self) -> None:
        self._set(MotorRegisters.MODEL, MOTOR_MODEL)
        self._set(MotorRegisters.ID, self.id)
        self._set(MotorRegisters.RETURN_DELAY, 250)
        self._set(MotorRegisters.OPERATING_MODE, 3)  # as delivered: position control
        self._set(MotorRegisters.TEMPERATURE_LIMIT, 72)
        self._set(MotorRegisters.VOLTAGE_LIMIT_MIN, VOLTAGE_LIMITS[0])
        self._set(MotorRegisters.VOLTAGE_LIMIT_MAX, VOLTAGE_LIMITS[1])
        self._set(MotorRegisters.VELOCITY_LIMIT, VELOCITY_LIMIT)
        self._set(MotorRegisters.SHUTDOWN, 0x34)

    def get(self, register: Register) -> int:
        """A register's value as it stands in the table."""
        return register.decode(self.table)

    def _set(self, register: Register, value: int) -> None:
        self.table[register.address : register.end] = register.encode(value)

    @property
    def awake(self) -> bool:
        """Whether it answers."""
        return self.powered and self._boot_left_s <= 0

    def power(self, on: bool) -> None:
        """Switch the supply; RAM registers start from zero."""
        if on != self.powered:
            self.powered = on
            self.reboot()

    def reboot(self) -> None:
        """Start again: torque off, errors and full turns forgotten, silent for a moment."""
        self._forgotten_pulses = self._pulses() // PULSES_PER_TURN * PULSES_PER_TURN
        self.table[_RAM_START:] = bytes(len(self.table) - _RAM_START)
        self._boot_left_s, self._overload_s, self._uptime_s, self._since_packet_s = BOOT_S, 0.0, 0.0, 0.0

    # --- physics ---

    def step(self, dt_s: float, supply_v: float, load_nm: float = 0.0) -> None:
        """Advance by `dt_s` at a supply voltage and an outside torque that brakes forward motion."""
        if self.powered:
            self._boot_left_s -= dt_s
            self._uptime_s += dt_s
            self._watch_bus(dt_s)
        target_rad_s = self._target_rad_s(supply_v)
        stall_nm = STALL_NM_PER_V * max(supply_v, 1.0)
        friction_nm = math.copysign(COULOMB_NM, self.velocity_rad_s) if abs(self.velocity_rad_s) > 1e-3 else 0.0
        torque_nm = max(-stall_nm, min(stall_nm, load_nm + friction_nm))
        # Half of the stall torque is held by the velocity loop; only beyond it does the wheel get slower.
        weakness = max(0.0, abs(torque_nm) / stall_nm - 0.5) * 2
        settled_rad_s = target_rad_s * (1 - weakness)
        before_rad_s = self.velocity_rad_s
        self.velocity_rad_s += (settled_rad_s - before_rad_s) * (1 - math.exp(-dt_s / TIME_CONSTANT_S))
        if target_rad_s == 0.0:
            brake_rad_s = min(abs(self.velocity_rad_s), GEAR_BRAKE_RAD_S2 * dt_s)
            self.velocity_rad_s -= math.copysign(brake_rad_s, self.velocity_rad_s)
        self.position_rad += (before_rad_s + self.velocity_rad_s) / 2 * dt_s
        self._load = torque_nm / stall_nm if self._torque_on else 0.0
        self._heat(dt_s, supply_v)

    @property
    def _torque_on(self) -> bool:
        return self.awake and bool(self.table[MotorRegisters.TORQUE_ENABLE.address])

    def _target_rad_s(self, supply_v: float) -> float:
        if not self._torque_on or self.get(MotorRegisters.OPERATING_MODE) != VELOCITY_MODE:
            return 0.0
        goal = max(-VELOCITY_LIMIT, min(VELOCITY_LIMIT, self.get(MotorRegisters.GOAL_VELOCITY)))
        limit_rad_s = NO_LOAD_RAD_S_PER_V * max(supply_v, 0.0)
        return max(-limit_rad_s, min(limit_rad_s, goal * VELOCITY_UNIT_RAD_S * self.gain))

    def _heat(self, dt_s: float, supply_v: float) -> None:
        stall_a = STALL_A_PER_V * max(supply_v, 0.0)
        drive_a = (NO_LOAD_A if abs(self.velocity_rad_s) > 0.05 else 0.0) + abs(self._load) * stall_a
        self.current_a = (STANDBY_A + (drive_a if self._torque_on else 0.0)) if self.powered else 0.0
        heat_w = drive_a**2 * WINDING_OHM if self._torque_on else 0.0
        cooling_w = (self.temperature_c - AMBIENT_C) / THERMAL_K_PER_W
        self.temperature_c += (heat_w - cooling_w) * dt_s / THERMAL_J_PER_K
        self._overload_s = self._overload_s + dt_s if abs(self._load) > OVERLOAD_PART else 0.0
        if self.temperature_c > self.get(MotorRegisters.TEMPERATURE_LIMIT):
            self.fail(MotorErrorBits.OVERHEATING)
        if self._overload_s > OVERLOAD_S:
            self.fail(MotorErrorBits.OVERLOAD)

    def fail(self, bits: int) -> None:
        """Raise a hardware error; one that the shutdown mask names takes the torque away until a reboot."""
        self.table[MotorRegisters.HARDWARE_ERROR.address] |= bits
        if bits & self.get(MotorRegisters.SHUTDOWN):
            self._set(MotorRegisters.TORQUE_ENABLE, 0)

    def _watch_bus(self, dt_s: float) -> None:
        self._since_packet_s += dt_s
        watchdog = self.get(MotorRegisters.BUS_WATCHDOG)
        if watchdog > 0 and self._since_packet_s > watchdog * BUS_WATCHDOG_UNIT_S:
            self._set(MotorRegisters.BUS_WATCHDOG, -1)
            self._set(MotorRegisters.GOAL_VELOCITY, 0)

    # --- bus ---

    def hear(self) -> None:
        """Any instruction packet on the bus feeds the watchdog."""
        self._since_packet_s = 0.0

    def status(self, error: int, data: bytes = b"") -> Packet:
        """A status packet of this motor, with the alert bit while it has a hardware error."""
        alert = ErrorCode.ALERT if self.table[MotorRegisters.HARDWARE_ERROR.address] else 0
        return Packet(self.id, Instruction.STATUS, bytes([error | alert]) + data)

    def read(self, address: int, size: int) -> tuple[int, bytes]:
        """(error, data) of a read."""
        if address + size > len(self.table):
            return ErrorCode.DATA_RANGE, b""
        self._measure()
        return ErrorCode.NONE, bytes(self.table[address : address + size])

    def write(self, address: int, data: bytes) -> int:
        """Write registers; the error number."""
        error = self._write_error(address, data)
        if not error:
            self.table[address : address + len(data)] = data
        return error

    def _write_error(self, address: int, data: bytes) -> int:
        end = address + len(data)
        if not data or end > len(self.table):
            return ErrorCode.DATA_RANGE
        if any(address < part.stop and end > part.start for part in _READ_ONLY_RAM):
            return ErrorCode.ACCESS
        if address < MotorRegisters.EEPROM_END:
            if address not in _WRITABLE_EEPROM or self.table[MotorRegisters.TORQUE_ENABLE.address]:
                return ErrorCode.ACCESS
        elif address == MotorRegisters.TORQUE_ENABLE.address and data[0]:
            if self.table[MotorRegisters.HARDWARE_ERROR.address] & self.get(MotorRegisters.SHUTDOWN):
                return ErrorCode.RESULT_FAIL
        elif self._touches_goal(address, end):
            return self._goal_error(address, data)
        return ErrorCode.NONE

    @staticmethod
    def _touches_goal(address: int, end: int) -> bool:
        return address < MotorRegisters.GOAL_VELOCITY.end and end > MotorRegisters.GOAL_VELOCITY.address

    def _goal_error(self, address: int, data: bytes) -> int:
        if self.get(MotorRegisters.BUS_WATCHDOG) == -1:
            return ErrorCode.DATA_RANGE  # e-manual: goals are refused until the watchdog is cleared
        if address == MotorRegisters.GOAL_VELOCITY.address and len(data) >= 4:
            goal = int.from_bytes(data[:4], "little", signed=True)
            return ErrorCode.NONE if abs(goal) <= VELOCITY_LIMIT else ErrorCode.DATA_LIMIT
        return ErrorCode.NONE

    def _measure(self) -> None:
        set_ = self._set
        set_(MotorRegisters.REALTIME_TICK_MS, int(self._uptime_s * 1000) % 32768)
        set_(MotorRegisters.PRESENT_LOAD, max(-1000, min(1000, round(self._load * 1000))))
        set_(MotorRegisters.PRESENT_VELOCITY, round(self.velocity_rad_s / VELOCITY_UNIT_RAD_S))
        pulses = self._pulses() - self._forgotten_pulses
        set_(MotorRegisters.PRESENT_POSITION, (pulses + 2**31) % 2**32 - 2**31)
        set_(MotorRegisters.PRESENT_TEMPERATURE, min(255, max(0, round(self.temperature_c))))

    def _pulses(self) -> int:
        return round(self.position_rad / (2 * math.pi) * PULSES_PER_TURN)

    def show_voltage(self, supply_v: float) -> None:
        """Put the supply voltage into the table; one beyond its limits is a hardware error."""
        tenths = max(0, round(supply_v * 10))
        self._set(MotorRegisters.PRESENT_VOLTAGE, tenths)
        if self.awake and not VOLTAGE_LIMITS[0] <= tenths <= VOLTAGE_LIMITS[1]:
            self.fail(MotorErrorBits.INPUT_VOLTAGE)
