"""Real ports, real time: TCP and pseudo-terminals between client and emulator, and what happens when they go."""

from __future__ import annotations

import contextlib
import os
import select
import socket
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from serial.urlhandler import protocol_socket

from firmware_bridge.board import Board
from firmware_bridge.emulator.board import BoardEmulator
from firmware_bridge.errors import BoardError, DisconnectedError, PowerOffError
from firmware_bridge.port import GuardedPort, MonotonicClock
from firmware_bridge.registers import BoardRegisters
from firmware_bridge.state import BoardState
from firmware_bridge.usb_name import UsbName
from tests.firmware_bridge.conftest import BoardThread, LiveBoard
from tests.firmware_bridge.patience import PATIENCE_S, until


def open_patiently(url: str) -> Board:
    """The heartbeat time-out is long, as this machine may be busy."""
    opened: list[Board] = []
    until(lambda: opened, lambda: opened.append(Board.open(url, heartbeat_timeout_s=1.5, bus_watchdog_s=2.5)))
    return opened[0]


@pytest.fixture
def board(live: LiveBoard) -> Iterator[Board]:
    """An open, powered board."""
    opened = open_patiently(live.url)
    yield opened
    opened.close()


def test_wheels_turn_over_a_real_port(live: LiveBoard, board: Board) -> None:
    told: list[BoardState] = []
    until(
        lambda: told and told[-1].left.velocity_rad_s == pytest.approx(3.03, rel=0.03),
        lambda: told.append(board.exchange(3.0, 4.0)),
    )
    assert told[-1].right.velocity_rad_s == pytest.approx(3.96, rel=0.1)
    # What was read is rounded to the register's unit, and the wheel has not settled yet: allow for both.
    assert live.emulator.left_velocity_rad_s == pytest.approx(3.03, rel=0.06)


def test_silence_is_noticed_and_left(live: LiveBoard, board: Board) -> None:
    until(lambda: live.emulator.left_velocity_rad_s > 2.0, lambda: board.exchange(4.0, 4.0))
    until(lambda: live.emulator.left_velocity_rad_s == 0.0)
    with pytest.raises(PowerOffError, match="no heartbeat came in time"):
        board.exchange(4.0, 4.0)
    until(lambda: live.emulator.get(BoardRegisters.MOTOR_POWER), board.recover)
    until(lambda: live.emulator.left_velocity_rad_s > 2.0, lambda: board.exchange(4.0, 4.0))


def test_a_new_host_takes_over_where_an_old_one_died(live: LiveBoard) -> None:
    first = open_patiently(live.url)
    first._link.close()  # as if its process had been killed: no farewell
    second = open_patiently(live.url)
    until(lambda: live.emulator.left_velocity_rad_s > 2.0, lambda: second.exchange(4.0, 4.0))
    second.close()


def test_a_connection_that_breaks_is_said_and_made_again(board_thread: BoardThread) -> None:
    live = board_thread.start(BoardEmulator(), "tcp")
    board = open_patiently(live.url)
    host, port = live.url.removeprefix("socket://").split(":")
    said: list[str] = []

    def use() -> None:
        try:
            board.exchange(1.0, 1.0)
        except DisconnectedError as error:
            said.append(str(error))

    def use_again() -> None:
        board.recover()
        board.exchange(1.0, 1.0)

    with socket.create_connection((host, int(port))):  # a newer host gets the board
        until(lambda: said, use)
    assert f"{live.url}: the port is gone" in said[0]
    with pytest.raises(DisconnectedError, match="the port is closed"):
        board.exchange(1.0, 1.0)
    until(lambda: live.emulator.left_velocity_rad_s > 0.2, use_again)
    board.close()


def test_a_pseudo_terminal_that_goes_away_is_said(board_thread: BoardThread) -> None:
    live = board_thread.start(BoardEmulator(), "pty")
    board = open_patiently(live.url)
    board_thread.unplug()
    with pytest.raises(DisconnectedError, match=live.url):
        board.exchange(1.0, 1.0)
    board.close()


@dataclass
class UsbPort:
    """What pyserial tells of a USB device, which a pseudo-terminal lacks."""

    device: str
    serial_number: str | None
    vid: int | None = 0x0483
    pid: int | None = 0x374B


def test_a_device_that_comes_back_under_another_name_is_found(
    board_thread: BoardThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    ports: list[UsbPort] = []
    monkeypatch.setattr(UsbName.__init__, "__defaults__", (lambda: ports,))
    first = board_thread.start(BoardEmulator(), "pty")
    ports[:] = [UsbPort(first.url, "A1"), UsbPort("/dev/ttyUSB7", None)]
    board = open_patiently(first.url)
    board_thread.unplug()
    with pytest.raises(DisconnectedError, match=first.url):
        board.exchange(1.0, 1.0)
    ends = os.openpty()  # takes the old name
    again = board_thread.start(BoardEmulator(), "pty")
    assert again.url != first.url
    ports[:] = [UsbPort(first.url, "B2"), UsbPort(again.url, "A1")]
    until(lambda: again.emulator.get(BoardRegisters.MOTOR_POWER), board.recover)
    until(lambda: again.emulator.left_velocity_rad_s > 0.2, lambda: board.exchange(1.0, 1.0))
    board.close()
    for end in ends:
        os.close(end)


def test_a_device_has_one_user_only(board_thread: BoardThread) -> None:
    live = board_thread.start(BoardEmulator(), "pty")
    board = open_patiently(live.url)
    with pytest.raises(DisconnectedError, match=live.url):
        Board.open(live.url)
    board.close()


def test_waiting_for_a_silent_board_takes_little_of_a_core(live: LiveBoard, board: Board) -> None:
    live.emulator.faults.unplugged = True
    begun_s, busy_s = time.monotonic(), time.thread_time()
    for _ in range(3):
        with contextlib.suppress(BoardError):
            board.exchange(0.0, 0.0)
    assert time.thread_time() - busy_s < 0.25 * (time.monotonic() - begun_s)


def test_a_connection_that_is_cut_while_it_is_opened_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    connections: list[socket.socket] = []

    def reset_before_it_is_used(port: protocol_socket.Serial) -> None:
        connection: socket.socket = port._socket  # type: ignore[attr-defined]  # not in pyserial's types
        connections.append(connection)
        accepted, _ = listener.accept()
        accepted.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        accepted.close()
        select.select([connection], [], [], PATIENCE_S)  # until the reset is here
        connection.recv(1)

    monkeypatch.setattr(protocol_socket.Serial, "reset_input_buffer", reset_before_it_is_used)
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = GuardedPort(f"socket://127.0.0.1:{listener.getsockname()[1]}", MonotonicClock())
        with pytest.raises(DisconnectedError, match=r"cannot be opened: .*reset by peer"):
            port.openPort()
    assert [connection.fileno() for connection in connections] == [-1]
