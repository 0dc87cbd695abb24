"""Requests to devices over the guarded port, with every answer checked."""

from __future__ import annotations

import termios
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from dynamixel_sdk import COMM_SUCCESS, GroupBulkRead, GroupBulkWrite

from firmware_bridge.errors import BoardSilentError, DisconnectedError, NotRespondingError, RefusedError
from firmware_bridge.packets import GuardedPacketHandler
from firmware_bridge.port import Clock, GuardedPort, MonotonicClock
from firmware_bridge.protocol import ErrorCode
from firmware_bridge.registers import BOARD_ID, Block, Register

TRIES = 2
QUIET_S = 0.05  # after any failure: long enough for a late reply to come in and be thrown away

Span = tuple[int, int]  # first address, size


class DeviceLink:
    """A bus of devices at one port. Blocking; to be used by one thread only."""

    def __init__(self, url: str, clock: Clock | None = None) -> None:
        """Open the port.

        Raises:
            DisconnectedError: if it cannot be opened.
        """
        self.url = url
        self._port = GuardedPort(url, clock or MonotonicClock())
        self._packets = GuardedPacketHandler()
        self._port.openPort()

    def open(self) -> None:
        """Open the port again if it is closed.

        Raises:
            DisconnectedError: if it cannot be opened.
        """
        if not self._port.is_open:
            self._port.openPort()

    def close(self) -> None:
        """Close the port; harmless when it is closed."""
        self._port.closePort()

    @contextmanager
    def _watching(self) -> Iterator[None]:
        """Turn what pyserial raises into an error of ours, and let go of a port that is gone."""
        if not self._port.is_open:
            raise DisconnectedError(f"board at {self.url}: the port is closed")
        try:
            yield
        except (OSError, TypeError, termios.error) as error:  # TypeError: a port closed under pyserial
            self.close()
            raise DisconnectedError(f"board at {self.url}: the port is gone: {error}") from error
        finally:
            self._port.is_using = False

    def settle(self) -> None:
        """After a failure: throw away what is late, until silence, and see that the board answers afresh.

        Raises:
            BoardSilentError: if it does not.
            DisconnectedError: if the port is gone.
        """
        with self._watching():
            self._port.drain(QUIET_S)
            _, result, _ = self._packets.ping(self._port, BOARD_ID)
        if result != COMM_SUCCESS:
            raise BoardSilentError(f"board at {self.url}: device {BOARD_ID}: ping: {self._reason(result)}", BOARD_ID)

    def ping(self, device_id: int, tries: int = TRIES) -> int:
        """The model number of a device.

        Raises:
            NotRespondingError: if it does not answer.
            DisconnectedError: if the port is gone.
        """
        model, _ = self._ask(device_id, "ping", lambda: self._packets.ping(self._port, device_id), tries)
        return int(model)

    def read_block(self, device_id: int, span: Span) -> Block:
        """A stretch of a device's control table.

        Raises:
            NotRespondingError, DisconnectedError, RefusedError: as the device answers.
        """
        address, size = span
        what = f"read registers {address} to {address + size - 1}"
        data, error = self._ask(
            device_id, what, lambda: self._packets.readTxRx(self._port, device_id, address, size), TRIES
        )
        self._check(device_id, what, error)
        return Block(address, bytes(data))

    def read(self, device_id: int, register: Register) -> int:
        """One register.

        Raises:
            NotRespondingError, DisconnectedError, RefusedError: as the device answers.
        """
        return self.read_block(device_id, (register.address, register.size))[register]

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

        _, error = self._ask(device_id, what, request, TRIES)
        self._check(device_id, what, error)

    def reboot(self, device_id: int) -> None:
        """Start a motor again; forgets its hardware error.

        Raises:
            NotRespondingError, DisconnectedError: as the device answers.
        """
        self._ask(device_id, "reboot", lambda: (None, *self._packets.reboot(self._port, device_id)), 1)

    def write_many(self, values: Mapping[int, tuple[Register, int]]) -> None:
        """Write one register of each of several devices in one packet; nobody answers.

        Raises:
            DisconnectedError: if the port is gone.
            NotRespondingError: if the port did not take the whole packet.
        """
        group = GroupBulkWrite(self._port, self._packets)
        for device_id, (register, value) in values.items():
            group.addParam(device_id, register.address, register.size, list(register.encode(value)))
        with self._watching():
            result = group.txPacket()
        if result != COMM_SUCCESS:
            self.settle()
            raise self._fail(BOARD_ID, "group write", result)

    def read_many(self, spans: Mapping[int, Span]) -> dict[int, Block]:
        """Read a stretch of each device with one request; all answer, in order, or it is an error.

        Raises:
            NotRespondingError: names the first device that did not; nothing of a partial answer is returned.
            DisconnectedError: if the port is gone.
        """
        group = GroupBulkRead(self._port, self._packets)
        for device_id, (address, size) in spans.items():
            group.addParam(device_id, address, size)
        with self._watching():
            result = group.txRxPacket()
        if result != COMM_SUCCESS:
            silent = next((k for k in spans if not group.data_dict[k][0]), BOARD_ID)
            self.settle()
            raise self._fail(silent, "group read", result)
        return {k: Block(address, bytes(group.data_dict[k][0])) for k, (address, _) in spans.items()}

    def _ask(
        self, device_id: int, what: str, request: Callable[[], tuple[Any, int, int]], tries: int
    ) -> tuple[Any, int]:
        """(answer, error byte) of a request that may be made again: everything here sets or reads state."""
        for _ in range(tries):
            with self._watching():
                answer, result, error = request()
            if result == COMM_SUCCESS:
                return answer, int(error)
            self.settle()
        raise self._fail(device_id, what, result)

    def _fail(self, device_id: int, what: str, result: int) -> NotRespondingError:
        message = f"board at {self.url}: device {device_id}: {what}: {self._reason(result)}"
        return NotRespondingError(message, device_id)

    def _reason(self, result: int) -> str:
        return str(self._packets.getTxRxResult(result)).removeprefix("[TxRxResult] ")

    def _check(self, device_id: int, what: str, error: int) -> None:
        number = error & ~ErrorCode.ALERT
        if number:
            name = ErrorCode(number).name if number in set(ErrorCode) else f"error {number}"
            raise RefusedError(f"board at {self.url}: device {device_id} refused to {what}: {name}", device_id)
