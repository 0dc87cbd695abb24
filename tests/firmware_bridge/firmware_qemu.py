"""The NUCLEO-F411RE's program in QEMU's `netduinoplus2`, whose STM32F405 has the same lines and interrupts.

The program is the very file that is flashed. What QEMU lacks is played from outside, through its test port:

* It has no GPIO: the program's pointers to the ports, which stand in memory, are set to plain memory.
* It has no DMA: the readings of the converter are written where the DMA would put them.
* It has no clock control: the program waits for its PLL in vain, and goes on at what it takes for 16 MHz, as on a real
  board whose PLL does not lock. QEMU's processor has 168 MHz: SysTick's reload register is set to that.
"""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

from firmware_bridge.registers import ButtonBits
from tests.firmware_bridge.firmware_build import FIRMWARE
from tests.firmware_bridge.firmware_lockstep import FULL_SCALE_MV, RAW_MAX
from tests.firmware_bridge.motor_thread import MotorThread

TOOLS = ("arm-none-eabi-gcc", "arm-none-eabi-nm", "qemu-system-arm")
PORTS_START, PORT_STRIDE = 0x20010000, 0x100  # memory that the program does not use: it ends far below
INPUT, OUTPUT = 0x10, 0x14  # registers of a port
PINS = re.compile(r"#define PIN_(\w+) \(\(struct pin\)\{PORT_([A-C]), (\d+)\}\)")
CONTACTS = {
    ButtonBits.ENABLE: "ENABLE_BUTTON",
    ButtonBits.RESET: "RESET_BUTTON",
    ButtonBits.POWER_SWITCH: "POWER_SWITCH",
}
SYSTICK_RELOAD, MILLISECOND = 0xE000E014, 168_000 - 1
AVERAGE_MS = 150  # the first average of the battery has readings in it from before there was one
UART_CONTROL = 0x4000440C  # of the host's line
SENSOR_MV, SENSOR_C, SENSOR_MV_PER_C, SUPPLY_MV = 760, 25, 2.5, 3300  # data sheet, typical


def need_tools() -> None:
    """Skip the test if the cross compiler or QEMU is absent."""
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if missing:
        pytest.skip(f"the board's program in QEMU needs {', '.join(missing)}: `make setup-dev` installs them")


def pin_map(board: str) -> dict[str, tuple[int, int]]:
    """Port and number of each named pin."""
    text = (FIRMWARE / "boards" / board / "pin_map.h").read_text()
    return {name: ("ABC".index(port), int(number)) for name, port, number in PINS.findall(text)}


def symbols(program: Path) -> dict[str, int]:
    """Addresses by name."""
    listed = subprocess.run(["arm-none-eabi-nm", program], capture_output=True, text=True, check=True).stdout
    return {name: int(address, 16) for address, _, name in (line.split() for line in listed.splitlines())}


class TestPort:
    """QEMU's qtest protocol: reads and writes the machine's memory while it runs."""

    __test__ = False

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rw", buffering=1)
        self._lock = threading.Lock()

    def _ask(self, line: str) -> str:
        with self._lock:
            self._file.write(line + "\n")
            while (answer := self._file.readline()).startswith("IRQ"):
                pass
        assert answer.startswith("OK"), f"QEMU's test port answers {answer!r} to {line}"
        return answer.removeprefix("OK").strip()

    def read(self, address: int) -> int:
        """A 32-bit word."""
        return int(self._ask(f"readl {address:#x}"), 16)

    def write(self, address: int, value: int) -> None:
        """A 32-bit word."""
        self._ask(f"writel {address:#x} {value:#x}")

    def close(self) -> None:
        """Let go of it."""
        self._file.close()


class QemuBoard:
    """A running program, the emulator's motors at its bus, and a TCP port for its host."""

    def __init__(self, program: Path) -> None:
        self._symbols = symbols(program)
        self._pins = pin_map("nucleo_f411re")
        listener = socket.create_server(("127.0.0.1", 0))
        bus, qemu_bus = socket.socketpair()
        test_port, qemu_test_port = socket.socketpair()
        given = (listener.fileno(), qemu_bus.fileno(), qemu_test_port.fileno())
        self._process = subprocess.Popen(self._command(program, *given), pass_fds=given, stdin=subprocess.DEVNULL)
        self.url = f"socket://127.0.0.1:{listener.getsockname()[1]}"
        for handed_over in (listener, qemu_bus, qemu_test_port):
            handed_over.close()
        self._connection = test_port
        self.test_port = TestPort(test_port)
        self._wire_pins()
        self._bus = MotorThread(bus, self.has_power)
        self.motors = self._bus.motors
        self.set_battery_v(self.motors.battery.voltage_v)
        self.set_temperature_c(25)
        wired_ms = self.milliseconds()
        while self.milliseconds() - wired_ms < AVERAGE_MS:
            time.sleep(0.01)

    @staticmethod
    def _command(program: Path, host: int, bus: int, test_port: int) -> list[str]:
        return [
            *("qemu-system-arm", "-M", "netduinoplus2", "-kernel", str(program)),
            *("-display", "none", "-monitor", "none"),
            *("-chardev", f"socket,id=motors,fd={bus}", "-serial", "chardev:motors"),
            *("-chardev", f"socket,id=host,fd={host},server=on,wait=off,nodelay=on", "-serial", "chardev:host"),
            *("-chardev", f"socket,id=test,fd={test_port}", "-object", "qtest,id=port,chardev=test,log=/dev/null"),
        ]

    def _wire_pins(self) -> None:
        """Wait until the program has set up its memory, then put memory in the place of its ports."""
        pointers = self._symbols["gpio_ports"]
        while self.test_port.read(pointers) == 0 or self.test_port.read(UART_CONTROL) == 0:
            assert self._process.poll() is None, "QEMU has ended"
        self.test_port.write(SYSTICK_RELOAD, MILLISECOND)
        self.set_buttons(ButtonBits.ENABLE | ButtonBits.POWER_SWITCH)
        for port in range(3):
            self.test_port.write(pointers + 4 * port, PORTS_START + PORT_STRIDE * port)

    def set_buttons(self, buttons: int) -> None:
        """Close the contacts of some buttons and open all others."""
        levels = [0xFFFF] * 3
        for button, name in CONTACTS.items():
            port, number = self._pins[name]
            if buttons & button:
                levels[port] &= ~(1 << number)
        for port, level in enumerate(levels):
            self.test_port.write(PORTS_START + PORT_STRIDE * port + INPUT, level)

    def pin(self, name: str) -> bool:
        """The level of an output."""
        port, number = self._pins[name]
        return bool(self.test_port.read(PORTS_START + PORT_STRIDE * port + OUTPUT) >> number & 1)

    def has_power(self) -> bool:
        """The pin of the motors' power."""
        return self.pin("MOTOR_POWER")

    def milliseconds(self) -> int:
        """What the program's clock has counted."""
        return self.test_port.read(self._symbols["milliseconds"])

    def set_battery_v(self, voltage_v: float) -> None:
        """What the battery's divider shows."""
        self._battery_raw = round(voltage_v * 1000 * RAW_MAX / FULL_SCALE_MV)
        self._convert()

    def set_temperature_c(self, temperature_c: float) -> None:
        """What the chip's sensor shows."""
        sensor_mv = SENSOR_MV + (temperature_c - SENSOR_C) * SENSOR_MV_PER_C
        self._sensor_raw = round(sensor_mv * RAW_MAX / SUPPLY_MV)
        self._convert()

    _battery_raw = _sensor_raw = 0

    def _convert(self) -> None:
        self.test_port.write(self._symbols["analog_readings"], self._battery_raw | self._sensor_raw << 16)

    def close(self) -> None:
        """Switch it off."""
        self._bus.close()
        self._process.terminate()
        self._process.wait(10)
        self.test_port.close()
        self._connection.close()
