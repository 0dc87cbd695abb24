/* The board: its whole state, and what the hardware layer calls. Bytes and levels in and out, the clock handed in.
 *
 * One round of the main loop: `board_tick`, then the bytes that have come to `board_host_bytes` and `board_bus_bytes`,
 * then send what waits in `to_host` and `to_bus`, and set the pins to `board_outputs`. Nothing here waits.
 */
#ifndef CORE_BOARD_H
#define CORE_BOARD_H

#include <stdbool.h>
#include <stdint.h>

#include "battery.h"
#include "buttons.h"
#include "parser.h"
#include "queue.h"
#include "registers.h"
#include "temperature.h"

enum {
    HEARTBEAT_TIMEOUT_DEFAULT_MS = 300,
    HEARTBEAT_TIMEOUT_MIN_MS = 50,
    HEARTBEAT_TIMEOUT_MAX_MS = 5000,
    PARTIAL_PACKET_TIMEOUT_MS = 20
};

/* What does not change while the board runs. */
struct board_facts {
    uint8_t hardware;    /* of board_hardware */
    uint8_t reset_cause; /* bits of reset_cause_bits */
    struct battery_calibration battery;
};

struct board_inputs {
    uint8_t buttons;      /* bits of button_bits, as the pins are; pressed or switched on is 1 */
    uint16_t battery_raw; /* of the converter, 0 ... BATTERY_RAW_MAX */
    int16_t temperature_c;
    bool supply_low; /* the board's own supply is below what it is made for */
    bool bus_sent;   /* all bytes taken from `to_bus` have left the wire */
};

struct board_outputs {
    bool motor_power;
    bool status_led;
    bool motor_led;
    bool fan;
};

/* A stream that comes in. */
struct board_line {
    struct parser parser;
    uint32_t last_byte_ms;
};

/* The power switch; the register says what it shall be, the pin follows when the motors have been told to stop. */
struct board_power {
    bool pin;
    bool cutting;
    uint32_t cut_ms;
};

/* The board's part of a group read, when others stand before it in the list. */
struct held_answer {
    bool waiting;
    uint8_t predecessors; /* answers that go before */
    uint16_t address;
    uint16_t size;
    uint32_t since_ms;
};

/* Questions to the motors since the last answer. */
struct bus_silence {
    uint32_t questions;
    uint32_t since_ms;
};

struct board {
    uint8_t table[BOARD_END];
    uint32_t now_ms;
    uint32_t started_ms;
    uint32_t heartbeat_changed_ms;
    uint32_t forwarded;
    uint32_t bus_packets;
    struct board_line host;
    struct board_line bus;
    struct queue to_host;
    struct queue to_bus;
    struct buttons buttons;
    struct battery battery;
    struct temperature temperature;
    bool supply_low;
    struct board_power power;
    struct held_answer held;
    struct bus_silence silence;
};

/* Start, with everything off. */
void board_init(struct board *board, const struct board_facts *facts, uint32_t now_ms,
                const struct board_inputs *inputs);

/* Let time come to `now_ms`, a clock that wraps; call it at least every few milliseconds. */
void board_tick(struct board *board, uint32_t now_ms, const struct board_inputs *inputs);

/* Bytes that came from the host. */
void board_host_bytes(struct board *board, const uint8_t *data, size_t size);

/* Bytes that came from the motors; not the echo of what was sent to them. */
void board_bus_bytes(struct board *board, const uint8_t *data, size_t size);

/* What the pins shall be. */
struct board_outputs board_outputs(const struct board *board);

#endif
