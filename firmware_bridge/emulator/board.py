"""The board: routes Dynamixel packets between the host and the motors, and stops the motors when the host is silent.

Pure: bytes in, bytes out, time only by `step`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from firmware_bridge.emulator.battery import Battery
from firmware_bridge.emulator.factsheet import FACTSHEET, LOW_BATTERY_V, OVERHEAT_C
from firmware_bridge.emulator.faults import LineFaults
from firmware_bridge.emulator.motor import Motor
from firmware_bridge.protocol import BROADCAST_ID, ErrorCode, Instruction, Packet, Parser
from firmware_bridge.registers import (
    BOARD_ID,
    DIRECTIONS,
    LEFT_ID,
    RIGHT_ID,
    BoardErrorBits,
    BoardRegisters,
    ButtonBits,
    MotorRegisters,
    Register,
)

DEFAULT_HEARTBEAT_TIMEOUT_MS = 300
BOARD_CURRENT_A = 0.25  # board and car computer
PARTIAL_PACKET_TIMEOUT_S = 0.02
MAX_PACKET_LENGTH = 249  # of a length field: the firmware's buffer holds 256 bytes
AMBIENT_C = 25
HEARTBEAT_TIMEOUTS_MS = range(50, 5001)
MEASURE_PERIOD_S = 0.1  # how often the voltage is put into the tables
_GOALS = range(100, 120)


@dataclass
class BoardEmulator:
    """A board with two motors and a battery, mounted as `registers.DIRECTIONS` says."""

    seed: int = 0
    left_gain: float = 1.0
    right_gain: float = 1.0
    battery: Battery = field(default_factory=Battery)
    faults: LineFaults = field(default_factory=LineFaults)
    buttons: int = ButtonBits.ENABLE | ButtonBits.POWER_SWITCH
    temperature_c: int = AMBIENT_C
    supply_low: bool = False
    table: bytearray = field(default_factory=lambda: bytearray(BoardRegisters.END))

    def __post_init__(self) -> None:
        self._rng = random.Random(f"board/{self.seed}")
        self.left = Motor(LEFT_ID, self.left_gain)
        self.right = Motor(RIGHT_ID, self.right_gain)
        self._forwarded = self._bus_packets = 0
        self._parser = Parser(max_length=MAX_PACKET_LENGTH)
        self._uptime_s = 0.0
        self._partial_s = 0.0
        self._heartbeat_age_s = 0.0
        self._since_measured_s = MEASURE_PERIOD_S
        self._buttons_before = self.buttons
        for register, value in FACTSHEET.items():
            self._set(register, value)
        self._set(BoardRegisters.HEARTBEAT_TIMEOUT_MS, DEFAULT_HEARTBEAT_TIMEOUT_MS)
        self._measure()

    @property
    def left_velocity_rad_s(self) -> float:
        """Left wheel, forward positive."""
        return DIRECTIONS[LEFT_ID] * self.left.velocity_rad_s

    @property
    def right_velocity_rad_s(self) -> float:
        """Right wheel, forward positive."""
        return DIRECTIONS[RIGHT_ID] * self.right.velocity_rad_s

    @property
    def uptime_s(self) -> float:
        """The time that has passed by `step`."""
        return self._uptime_s

    def get(self, register: Register) -> int:
        """A board register's value."""
        return register.decode(self.table)

    def _set(self, register: Register, value: int) -> None:
        self.table[register.address : register.end] = register.encode(value)

    # --- time ---

    def step(self, dt_s: float, left_load_nm: float = 0.0, right_load_nm: float = 0.0) -> None:
        """Advance time: safety, motors, battery. Loads brake forward motion of each wheel."""
        self._uptime_s += dt_s
        self._partial_s += dt_s
        if self._partial_s > PARTIAL_PACKET_TIMEOUT_S and self._parser.pending:
            self._parser.drop_partial()
        self._watch_buttons()
        self._watch_climate()
        self._watch_host(dt_s)
        self._watch_pack()
        supply_v = self.battery.voltage_v
        self.left.step(dt_s, supply_v, DIRECTIONS[LEFT_ID] * left_load_nm)
        self.right.step(dt_s, supply_v, DIRECTIONS[RIGHT_ID] * right_load_nm)
        self.battery.step(dt_s, BOARD_CURRENT_A + self.left.current_a + self.right.current_a)
        self._since_measured_s += dt_s
        if self._since_measured_s >= MEASURE_PERIOD_S:
            self._measure()

    def _watch_host(self, dt_s: float) -> None:
        self._heartbeat_age_s += dt_s
        if not self.table[BoardRegisters.MOTOR_POWER.address]:
            return
        if self._heartbeat_age_s * 1000 > self.get(BoardRegisters.HEARTBEAT_TIMEOUT_MS):
            self._shut_down(BoardErrorBits.HOST_LOST)
        elif not self.buttons & ButtonBits.ENABLE:
            self._shut_down(BoardErrorBits.EMERGENCY_STOP)
        elif not self.buttons & ButtonBits.POWER_SWITCH:
            self._shut_down(0)  # no error: somebody wants it so

    def _watch_pack(self) -> None:
        """Without the pack the board lives on from its USB cable; the motors do not."""
        if not self.battery.present and self.table[BoardRegisters.MOTOR_POWER.address]:
            self._shut_down(BoardErrorBits.BUS_SILENT)

    def _watch_buttons(self) -> None:
        """The reset button takes the motors' power and forgets what is latched."""
        if self.buttons & ~self._buttons_before & ButtonBits.RESET:
            self._shut_down(0)
            self._set(BoardRegisters.ERRORS, 0)
        self._buttons_before = self.buttons

    def _watch_climate(self) -> None:
        """Heat and a weak supply are told even without power, as they keep it away."""
        if self.temperature_c >= OVERHEAT_C:
            self._shut_down(BoardErrorBits.OVERHEATED)
        if self.supply_low:
            self._shut_down(BoardErrorBits.BROWN_OUT)

    def _shut_down(self, error: int) -> None:
        """Zero velocity, power off, and remember why until it is cleared."""
        self.table[BoardRegisters.ERRORS.address] |= error
        self._set(BoardRegisters.MOTOR_POWER, 0)
        for motor in (self.left, self.right):
            motor.write(MotorRegisters.GOAL_VELOCITY.address, bytes(4))
            motor.power(False)

    def _measure(self) -> None:
        self._since_measured_s = 0.0
        supply_v = self.battery.voltage_v
        self._set(BoardRegisters.BATTERY_MV, max(0, round(supply_v * 1000)))
        low = BoardErrorBits.LOW_BATTERY if supply_v < LOW_BATTERY_V else 0
        self.table[BoardRegisters.ERRORS.address] |= low
        for motor in (self.left, self.right):
            motor.show_voltage(supply_v)

    # --- bytes ---

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the host; return the bytes that go back to it."""
        if self.faults.unplugged:
            return b""
        self._partial_s = 0.0
        replies = [reply for packet in self._parser.feed(data) for reply in self._handle(packet)]
        self._bus_packets += sum(reply.id != BOARD_ID for reply in replies)
        late = self.faults.due(self._uptime_s)
        return late + b"".join(
            self.faults.pass_on(reply.encode(), self._rng, self._uptime_s)
            for reply in replies
            if reply.id not in self.faults.silent_ids
        )

    def _handle(self, packet: Packet) -> list[Packet]:
        if packet.id != BOARD_ID:
            self._forwarded += 1
            for motor in (self.left, self.right):
                motor.hear()
        match packet.instruction:
            case Instruction.PING:
                return self._ping(packet)
            case Instruction.SYNC_READ | Instruction.BULK_READ:
                return self._read_many(packet)
            case Instruction.SYNC_WRITE | Instruction.BULK_WRITE:
                self._write_many(packet)
                return []
            case Instruction.STATUS:
                return []
            case _:
                return self._unicast(packet)

    def _ping(self, packet: Packet) -> list[Packet]:
        replies = []
        if packet.id in (BROADCAST_ID, BOARD_ID):
            replies.append(self._status(ErrorCode.NONE, bytes(self.table[0:2] + self.table[6:7])))
        version = b"\x2c"
        replies += [
            motor.status(ErrorCode.NONE, bytes(motor.table[0:2]) + version) for motor in self._motors(packet.id)
        ]
        return replies

    def _motors(self, device_id: int) -> list[Motor]:
        return [m for m in (self.left, self.right) if m.awake and device_id in (m.id, BROADCAST_ID)]

    def _unicast(self, packet: Packet) -> list[Packet]:
        if packet.id == BOARD_ID:
            return [self._board_unicast(packet)]
        return [self._motor_unicast(motor, packet) for motor in self._motors(packet.id)]

    def _board_unicast(self, packet: Packet) -> Packet:
        if packet.instruction == Instruction.READ and len(packet.parameters) == 4:
            error, data = self._read(*_address_and_size(packet.parameters))
            return self._status(error, data)
        if packet.instruction == Instruction.WRITE and len(packet.parameters) > 2:
            return self._status(self._write(int.from_bytes(packet.parameters[:2], "little"), packet.parameters[2:]))
        return self._status(ErrorCode.INSTRUCTION)

    def _motor_unicast(self, motor: Motor, packet: Packet) -> Packet:
        if packet.instruction == Instruction.READ and len(packet.parameters) == 4:
            error, data = motor.read(*_address_and_size(packet.parameters))
            return motor.status(error, data)
        if packet.instruction == Instruction.WRITE and len(packet.parameters) > 2:
            address = int.from_bytes(packet.parameters[:2], "little")
            return motor.status(self._motor_write(motor, address, packet.parameters[2:]))
        if packet.instruction == Instruction.REBOOT:
            reply = motor.status(ErrorCode.NONE)
            motor.reboot()
            return reply
        return motor.status(ErrorCode.INSTRUCTION)

    def _read_many(self, packet: Packet) -> list[Packet]:
        """Answer in the order of the list, as Protocol 2.0 devices do; the board answers its part itself."""
        if packet.instruction == Instruction.SYNC_READ:
            address, size = _address_and_size(packet.parameters[:4])
            wanted = [(device_id, address, size) for device_id in packet.parameters[4:]]
        else:
            parts = [packet.parameters[k : k + 5] for k in range(0, len(packet.parameters) - 4, 5)]
            wanted = [(part[0], *_address_and_size(part[1:])) for part in parts]
        replies = []
        for device_id, address, size in wanted:
            if device_id == BOARD_ID:
                error, data = self._read(address, size)
                replies.append(self._status(error, data))
            for motor in self._motors(device_id) if device_id != BROADCAST_ID else []:
                error, data = motor.read(address, size)
                replies.append(motor.status(error, data))
        return replies

    def _write_many(self, packet: Packet) -> None:
        parameters = packet.parameters
        if packet.instruction == Instruction.SYNC_WRITE:
            address, size = _address_and_size(parameters[:4])
            parts = [
                (parameters[k], address, parameters[k + 1 : k + 1 + size])
                for k in range(4, len(parameters) - size, size + 1)
            ]
        else:
            parts, k = [], 0
            while k + 5 <= len(parameters):
                address, size = _address_and_size(parameters[k + 1 : k + 5])
                parts.append((parameters[k], address, parameters[k + 5 : k + 5 + size]))
                k += 5 + size
        for device_id, address, data in parts:
            if device_id == BOARD_ID:
                self._write(address, data)
            for motor in self._motors(device_id):
                self._motor_write(motor, address, data)

    def _motor_write(self, motor: Motor, address: int, data: bytes) -> int:
        touches_goals = any(a in _GOALS for a in range(address, address + len(data)))
        if touches_goals and not self.table[BoardRegisters.MOTOR_POWER.address]:
            return ErrorCode.ACCESS
        return motor.write(address, data)

    # --- the board's own table ---

    def _status(self, error: int, data: bytes = b"") -> Packet:
        alert = ErrorCode.ALERT if self.table[BoardRegisters.ERRORS.address] else 0
        return Packet(BOARD_ID, Instruction.STATUS, bytes([error | alert]) + data)

    def _read(self, address: int, size: int) -> tuple[int, bytes]:
        if address + size > len(self.table):
            return ErrorCode.DATA_LENGTH, b""
        self._set(BoardRegisters.UPTIME_MS, int(self._uptime_s * 1000) % 2**32)
        self._set(BoardRegisters.FORWARDED, self._forwarded % 2**32)
        self._set(BoardRegisters.BUS_PACKETS, self._bus_packets % 2**32)
        self._set(BoardRegisters.CRC_ERRORS, self._parser.crc_errors % 2**32)
        self._set(BoardRegisters.BUTTONS, self.buttons)
        self._set(BoardRegisters.TEMPERATURE_C, self.temperature_c)
        self._set(BoardRegisters.STATE, self.table[BoardRegisters.MOTOR_POWER.address])
        return ErrorCode.NONE, bytes(self.table[address : address + size])

    def _write(self, address: int, data: bytes) -> int:
        if address not in BoardRegisters.WRITABLE or address + len(data) > BoardRegisters.WRITABLE.stop:
            return ErrorCode.ACCESS
        heartbeat = BoardRegisters.HEARTBEAT.address
        power = BoardRegisters.MOTOR_POWER.address
        before = self.table[heartbeat]
        wanted = bytearray(self.table)
        wanted[address : address + len(data)] = data
        if BoardRegisters.HEARTBEAT_TIMEOUT_MS.decode(wanted) not in HEARTBEAT_TIMEOUTS_MS:
            return ErrorCode.DATA_RANGE
        if wanted[BoardRegisters.CLEAR_ERRORS.address]:
            self.table[BoardRegisters.ERRORS.address] = 0
            wanted[BoardRegisters.CLEAR_ERRORS.address] = 0
            wanted[BoardRegisters.ERRORS.address] = 0
        if wanted[power] and not self.table[power] and not self._may_power():
            return ErrorCode.RESULT_FAIL
        self.table[:] = wanted
        if wanted[heartbeat] != before:
            self._heartbeat_age_s = 0.0
        for motor in (self.left, self.right):
            motor.power(bool(wanted[power]))
        return ErrorCode.NONE

    def _may_power(self) -> bool:
        """Power comes on only by an explicit write, with no latched error, a living host and the buttons right."""
        latched = self.table[BoardRegisters.ERRORS.address] & ~BoardErrorBits.LOW_BATTERY
        enabled = self.buttons & ButtonBits.ENABLE and self.buttons & ButtonBits.POWER_SWITCH
        self._heartbeat_age_s = 0.0
        return not latched and self.temperature_c < OVERHEAT_C and not self.supply_low and bool(enabled)

    def cut_power(self) -> None:
        """The motors lose their supply for a moment, as by a loose plug."""
        for motor in (self.left, self.right):
            motor.power(False)
        self._set(BoardRegisters.MOTOR_POWER, 0)
        self.table[BoardRegisters.ERRORS.address] |= BoardErrorBits.BUS_SILENT


def _address_and_size(parameters: bytes) -> tuple[int, int]:
    return int.from_bytes(parameters[:2], "little"), int.from_bytes(parameters[2:4], "little")
