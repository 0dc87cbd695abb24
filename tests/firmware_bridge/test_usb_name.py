"""Which device a name means when devices come and go."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from firmware_bridge.errors import DisconnectedError
from firmware_bridge.usb_name import UsbName

BOARD, OTHER = "066E", "0777"


@dataclass
class Port:
    device: str
    serial_number: str | None
    vid: int | None = 0x0483
    pid: int | None = 0x374B


class Plugs:
    """What is plugged in where."""

    def __init__(self, **ports: str | None) -> None:
        self.set(**ports)

    def set(self, **ports: str | None) -> None:
        self.ports = [Port(f"/dev/{name}", serial_number) for name, serial_number in ports.items()]

    def __call__(self) -> list[Port]:
        return self.ports


def test_a_device_keeps_its_name_while_it_stays() -> None:
    plugs = Plugs(ttyACM0=BOARD, ttyACM1=OTHER)
    name = UsbName("/dev/ttyACM0", plugs)
    assert [name.now() for _ in range(3)] == ["/dev/ttyACM0"] * 3


def test_it_is_found_under_another_name_and_under_the_old_one_again() -> None:
    plugs = Plugs(ttyACM0=BOARD)
    name = UsbName("/dev/ttyACM0", plugs)
    name.now()
    plugs.set(ttyACM1=BOARD)
    assert name.now() == "/dev/ttyACM1"
    plugs.set(ttyACM0=OTHER, ttyACM2=BOARD)
    assert name.now() == "/dev/ttyACM2"
    plugs.set(ttyACM0=BOARD)
    assert name.now() == "/dev/ttyACM0"


def test_while_it_is_away_its_old_name_is_tried_so_that_the_error_names_it() -> None:
    plugs = Plugs(ttyACM0=BOARD)
    name = UsbName("/dev/ttyACM0", plugs)
    name.now()
    plugs.set()
    assert name.now() == "/dev/ttyACM0"


def test_another_device_under_its_name_is_never_taken_for_it() -> None:
    plugs = Plugs(ttyACM0=BOARD)
    name = UsbName("/dev/ttyACM0", plugs)
    name.now()
    plugs.set(ttyACM0=OTHER)
    with pytest.raises(DisconnectedError, match=r"/dev/ttyACM0: another device .* 066E"):
        name.now()


def test_one_that_is_plugged_in_late_is_the_one_that_is_meant() -> None:
    plugs = Plugs(ttyACM1=OTHER)
    name = UsbName("/dev/ttyACM0", plugs)
    assert name.now() == "/dev/ttyACM0"
    plugs.set(ttyACM1=OTHER, ttyACM0=BOARD)
    name.now()
    plugs.set(ttyACM1=OTHER, ttyACM2=BOARD)
    assert name.now() == "/dev/ttyACM2"


def test_devices_that_cannot_be_told_apart_keep_to_their_name() -> None:
    plugs = Plugs(ttyS0=None, ttyUSB0=None)
    name = UsbName("/dev/ttyUSB0", plugs)
    name.now()
    plugs.set(ttyUSB1=None)
    assert name.now() == "/dev/ttyUSB0"


def test_a_link_to_a_device_is_followed(tmp_path: Path) -> None:
    link = tmp_path / "board"
    link.symlink_to("/dev/ttyACM5")
    plugs = Plugs(ttyACM5=BOARD)
    name = UsbName(str(link), plugs)
    assert name.now() == str(link)
    plugs.set(ttyACM6=BOARD)
    assert name.now() == "/dev/ttyACM6"


def test_other_urls_stay_as_they_are() -> None:
    assert UsbName("socket://127.0.0.1:5000", Plugs(ttyACM0=BOARD)).now() == "socket://127.0.0.1:5000"
