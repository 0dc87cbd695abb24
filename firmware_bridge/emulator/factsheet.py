"""What an emulated board tells of itself, as the firmware's host build does."""

from __future__ import annotations

from firmware_bridge.registers import BOARD_ID, BOARD_MODEL, FIRMWARE_VERSION, BoardRegisters, ResetCauseBits

LOW_BATTERY_V = 10.2
OVERHEAT_C = 80
EMULATED = 0

FACTSHEET = {
    BoardRegisters.MODEL: BOARD_MODEL,
    BoardRegisters.FIRMWARE_VERSION: FIRMWARE_VERSION,
    BoardRegisters.ID: BOARD_ID,
    BoardRegisters.HARDWARE: EMULATED,
    BoardRegisters.RESET_CAUSE: int(ResetCauseBits.SUPPLY),
    BoardRegisters.BAUD: 1_000_000,
    BoardRegisters.LONGEST_PACKET: 256,
    BoardRegisters.BATTERY_LOW_MV: round(LOW_BATTERY_V * 1000),
    BoardRegisters.BATTERY_FULL_SCALE_MV: 17600,
    BoardRegisters.FAN_C: 45,
    BoardRegisters.OVERHEAT_C: OVERHEAT_C,
}
