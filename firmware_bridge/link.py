"""Requests to single devices over the guarded port, with every answer checked."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from dynamixel_sdk import COMM_SUCCESS, GroupBulkRead, GroupBulkWrite

from firmware_bridge.errors import DisconnectedError, NotRespondingError, RefusedError
from firmware_bridge.port import GuardedPort, StuffingPacketHandler
from firmware_bridge.protocol import ErrorCode
from firmware_bridge.registers import BOARD_ID, Register

TRIES = 2
QUIET_S = 0.05  # after any failure: long enough for a late reply to come in and be thrown away

Block = tuple[int, int]  # first address, size


class DeviceLink:
    """A bus of devices at one port. Blocking; to be used by one thread only."""

    def __init__(self, url: str) -> None:
        """Open the port.

        Raises:
            DisconnectedError: if it cannot be opened.
        """
        self.url = url
        self._port = GuardedPort(url)
        self._packets = StuffingPacketHandler()
        self._port.openPort()

    def close(self) -> None:
        """Close the port; harmless when it is closed."""
        if self._port.is_open:
            self._port.closePort()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Turn what pyserial raises into an error of ours."""
        try:
            yield
        except (OSError, TypeError) as error:  # pyserial raises TypeError when a port is closed under it
            raise DisconnectedError(f"board at {self.url}: the port is gone: {error}") from error

    def settle(self) -> None:
        """After a failure: wait until late replies are in, throw them away, and see that the board answers afresh."""
        with self._watching():
            self._port.is_using = False
            time.sleep(QUIET_S)
            self._port.clearPort()
            self._packets.ping(self._port, BOARD_ID)
            self._port.clearPort()

    def _fail(self, device_id: int, what: str, result: int) -> NotRespondingError:
        reason = str(self._packets.getTxRxResult(result)).strip("[] ")
        return NotRespondingError(f"board at {self.url}: device {device_id}: {what}: {reason}")

    def _ask(self, device_id: int, what: str, request: Callable[[], tuple[Any, int, int]]) -> tuple[Any, int]:
        """(answer, error byte) of a request that may be made again: everything here sets or reads state."""
        result = COMM_SUCCESS
        for _ in range(TRIES):
            with self._watching():
                answer, result, error = request()
            if result == COMM_SUCCESS:
                return answer, int(error)
            self.settle()
        raise self._fail(device_id, what, result)

    def ping(self, device_id: int) -> int:
        """The model number of a device.

        Raises:
            NotRespondingError: if it does not answer.
            DisconnectedError: if the port is gone.
        """
        model, _ = self._ask(device_id, "ping", lambda: self._packets.ping(self._port, device_id))
        return int(model)

    def read(self, device_id: int, register: Register) -> int:
        """One register.

        Raises:
            NotRespondingError, DisconnectedError, RefusedError: as the device answers.
        """
        what = f"read register {register.address}"
        data, error = self._ask(
            device_id, what, lambda: self._packets.readTxRx(self._port, device_id, register.address, register.size)
        )
        self._check(device_id, what, error)
        if len(data) != register.size:
            self.settle()
            raise NotRespondingError(f"board at {self.url}: device {device_id}: {what}: {len(data)} bytes came")
        return register.decode(bytes(data), register.address)

    def write(self, device_id: int, register: Register, value: int) -> None:
        """Write one register and see the device accept it.

        Raises:
            NotRespondingError, DisconnectedError, RefusedError: as the device answers.
        """
        data = list(register.encode(value))
        what = f"write {value} to register {register.address}"

        def request() -> tuple[None, int, int]:
            result, error = self._packets.writeTxRx(self._port, device_id, register.address, len(data), data)
            return None, result, error

        _, error = self._ask(device_id, what, request)
        self._check(device_id, what, error)

    def reboot(self, device_id: int) -> None:
        """Start a motor again; forgets its hardware error."""
        with self._watching():
            self._packets.reboot(self._port, device_id)

    def _check(self, device_id: int, what: str, error: int) -> None:
        number = error & ~ErrorCode.ALERT
        if number:
            raise RefusedError(f"board at {self.url}: device {device_id} refused to {what}: {ErrorCode(number).name}")

    def write_many(self, values: dict[int, list[tuple[Register, int]]]) -> None:
        """Write neighbouring registers of several devices in one packet; nobody answers.

        Raises:
            DisconnectedError: if the port is gone.
        """
        group = GroupBulkWrite(self._port, self._packets)
        for device_id, registers in values.items():
            data = b"".join(register.encode(value) for register, value in registers)
            group.addParam(device_id, registers[0][0].address, len(data), list(data))
        with self._watching():
            result = group.txPacket()
        if result != COMM_SUCCESS:
            self.settle()
            raise self._fail(BOARD_ID, "group write", result)

    def read_many(self, blocks: dict[int, Block]) -> dict[int, bytes]:
        """Read a block of each device with one request; all answer, in order, or it is an error.

        Raises:
            NotRespondingError: names the devices that were asked; nothing of a partial answer is returned.
            DisconnectedError: if the port is gone.
        """
        group = GroupBulkRead(self._port, self._packets)
        for device_id, (address, size) in blocks.items():
            group.addParam(device_id, address, size)
        with self._watching():
            result = group.txRxPacket()
        answers = {device_id: bytes(group.data_dict[device_id][0]) for device_id in blocks}
        if result != COMM_SUCCESS or any(len(answers[k]) != size for k, (_, size) in blocks.items()):
            silent = next((k for k, (_, size) in blocks.items() if len(answers[k]) != size), BOARD_ID)
            self.settle()
            raise self._fail(silent, "group read", result)
        return answers
