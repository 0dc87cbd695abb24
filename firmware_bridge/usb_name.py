"""Finds a USB device again that was plugged in anew and got another name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from serial.tools.list_ports import comports

from firmware_bridge.errors import DisconnectedError


class PortInfo(Protocol):
    """What pyserial tells of a port."""

    device: str
    vid: int | None
    pid: int | None
    serial_number: str | None


class _Identity(NamedTuple):
    vid: int
    pid: int
    serial_number: str


class UsbName:
    """The name of one device, which may change from one opening to the next."""

    def __init__(self, url: str, list_ports: Callable[[], Iterable[PortInfo]] = comports) -> None:
        """`url` is a device's path, or any other URL of pyserial, which stays as it is."""
        self._url = url
        self._list_ports = list_ports
        self._identity: _Identity | None = None

    def now(self) -> str:
        """Where to open the device. The one that the path names the first time is the one that is meant.

        Raises:
            DisconnectedError: if the path has become that of another device, and this one is nowhere.
        """
        if "://" in self._url:
            return self._url
        identities = {port.device: _identity(port) for port in self._list_ports()}
        here = identities.get(os.path.realpath(self._url))
        if self._identity is None:
            self._identity = here
        if here == self._identity:
            return self._url
        for device, identity in identities.items():
            if identity == self._identity:
                return device
        if here is None or self._identity is None:
            return self._url
        raise DisconnectedError(
            f"board at {self._url}: another device has this name now, and the board (USB serial number "
            f"{self._identity.serial_number}) is not plugged in"
        )


def _identity(port: PortInfo) -> _Identity | None:
    """None for a device that cannot be told from its like."""
    if port.vid is None or port.pid is None or not port.serial_number:
        return None
    return _Identity(port.vid, port.pid, port.serial_number)
