/* The chip's own supply: the voltage detector, and why the chip has started. */
#ifndef BOARDS_SUPPLY_H
#define BOARDS_SUPPLY_H

#include <stdbool.h>
#include <stdint.h>

/* Why the chip has started, bits of reset_cause_bits; forgotten for the next time. */
uint8_t supply_reset_cause(void);

/* Start watching the supply; 2.9 V is the highest threshold that both chips have. */
void supply_watch(void);

/* Whether the supply is below the threshold. */
bool supply_is_low(void);

#endif
