/* The thin hardware layer: what a board has to supply besides the portable core. Nothing here may wait.
 *
 * A board's `main` sets up its clock and pins, then calls `loop_start` once and `loop_once` for ever.
 */
#ifndef HAL_H
#define HAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/board.h"

/* Milliseconds since some moment; wraps at 32 bits. */
uint32_t hal_now_ms(void);

/* Bytes that have come from the host; returns how many, at most `size`. 1 Mbaud 8N1. */
size_t hal_host_read(uint8_t *to, size_t size);

/* How many bytes `hal_host_write` takes now. */
size_t hal_host_room(void);

/* Send bytes to the host, no more than there is room for. */
void hal_host_write(const uint8_t *data, size_t size);

/* The same for the motors' half-duplex bus: the layer turns its direction pin to sending before the first byte and back
 * when the last has left the wire, and drops the echo of what it sends. */
size_t hal_bus_read(uint8_t *to, size_t size);
size_t hal_bus_room(void);
void hal_bus_write(const uint8_t *data, size_t size);

/* Whether all bytes written to the bus have left the wire. */
bool hal_bus_sent(void);

/* The buttons' levels as bits of button_bits (core/registers.h), not debounced; pressed or switched on is 1. */
uint8_t hal_buttons(void);

/* The battery's last reading, 0 ... 4095. */
uint16_t hal_battery_raw(void);

/* The chip's temperature, degrees Celsius. */
int16_t hal_temperature_c(void);

/* Whether the chip's own supply is below what it is made for, though not yet so low that it resets. */
bool hal_supply_low(void);

/* The kind of board, why it has started, and its voltage divider. */
struct board_facts hal_facts(void);

/* Outputs; all are off before they are first called. */
void hal_set_motor_power(bool on);
void hal_set_status_led(bool on);
void hal_set_motor_led(bool on);
void hal_set_fan(bool on);

/* Feed the hardware watchdog, whose expiry resets the chip and so switches the motors off; 100 ms or less. */
void hal_feed_watchdog(void);

#endif
