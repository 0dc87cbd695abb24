/* Pins by port and number. */
#ifndef BOARDS_PINS_H
#define BOARDS_PINS_H

#include <stdbool.h>
#include <stdint.h>

enum pin_ports { PORT_A, PORT_B, PORT_C, PORT_COUNT };

struct pin {
    uint8_t port;
    uint8_t number;
};

/* An output, off at first. */
void pin_make_output(struct pin pin);

/* An input with pull-up, for a contact to ground. */
void pin_make_contact(struct pin pin);

/* A peripheral's pin, with pull-up so that a line nobody drives is quiet. */
void pin_make_alternate(struct pin pin, uint32_t function);

/* An input of the analog-digital converter. */
void pin_make_analog(struct pin pin);

void pin_set(struct pin pin, bool on);

/* Whether the contact is closed. */
bool pin_is_closed(struct pin pin);

#endif
