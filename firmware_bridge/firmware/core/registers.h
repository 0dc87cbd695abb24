/* Addresses of the control table of device 200, and of what the board has to know of the motors'.
 *
 * The same as `firmware_bridge/registers.py`; a test compares them.
 */
#ifndef CORE_REGISTERS_H
#define CORE_REGISTERS_H

enum board_registers {
    BOARD_MODEL = 0, /* u16 */
    BOARD_FIRMWARE_VERSION = 6,
    BOARD_ID = 7,
    /* The factsheet: what kind of board this is and what it holds to; never changes while it runs. */
    BOARD_HARDWARE = 8,
    BOARD_RESET_CAUSE = 9,
    BOARD_BAUD = 12,                  /* u32 */
    BOARD_LONGEST_PACKET = 16,        /* u16, bytes */
    BOARD_BATTERY_LOW_MV = 18,        /* u16 */
    BOARD_BATTERY_FULL_SCALE_MV = 20, /* u16 */
    BOARD_FAN_C = 22,
    BOARD_OVERHEAT_C = 23,
    BOARD_MOTOR_POWER = 64,
    BOARD_LED = 65,
    BOARD_HEARTBEAT_TIMEOUT_MS = 66, /* u16 */
    BOARD_HEARTBEAT = 68,            /* must change before the time-out */
    BOARD_CLEAR_ERRORS = 69,         /* write 1: forget latched errors */
    BOARD_ERRORS = 70,
    BOARD_STATE = 71,
    BOARD_BUTTONS = 72,
    BOARD_TEMPERATURE_C = 73, /* i8 */
    BOARD_BATTERY_MV = 74,  /* u16 */
    BOARD_UPTIME_MS = 76,   /* u32 */
    BOARD_FORWARDED = 80,   /* u32, packets from host that were not for the board alone */
    BOARD_BUS_PACKETS = 84, /* u32, packets from motors to host */
    BOARD_CRC_ERRORS = 88,  /* u32, of both sides */
    BOARD_END = 92,
    BOARD_WRITABLE_START = 64,
    BOARD_WRITABLE_END = 70
};

enum board_values { BOARD_MODEL_NUMBER = 60200, BOARD_FIRMWARE_NUMBER = 2, BOARD_BAUD_NUMBER = 1000000 };

/* Bits of BOARD_ERRORS; latched until cleared. */
enum board_error_bits {
    HOST_LOST = 1,
    LOW_BATTERY = 2,
    BUS_SILENT = 4,
    EMERGENCY_STOP = 8,
    OVERHEATED = 16,
    BROWN_OUT = 32 /* the board's own supply has sagged */
};

/* Values of BOARD_HARDWARE. */
enum board_hardware { HARDWARE_EMULATED = 0, HARDWARE_NUCLEO_L432KC = 1, HARDWARE_NUCLEO_F411RE = 2 };

/* Bits of BOARD_RESET_CAUSE: why the board has started. */
enum reset_cause_bits { RESET_SUPPLY = 1, RESET_PIN = 2, RESET_SOFTWARE = 4, RESET_WATCHDOG = 8 };

/* Bits of BOARD_BUTTONS. */
enum button_bits { BUTTON_ENABLE = 1, BUTTON_RESET = 2, BUTTON_POWER_SWITCH = 4 };

/* Goals of a motor: what touches these addresses may move it. */
enum motor_registers { MOTOR_GOALS_START = 100, MOTOR_GOAL_VELOCITY = 104, MOTOR_GOALS_END = 120 };

#endif
