/* Debounces buttons: a change counts when it has lasted. Each by itself: a chattering one must not hide another. */
#ifndef CORE_BUTTONS_H
#define CORE_BUTTONS_H

#include <stdint.h>

enum { BUTTONS_DEBOUNCE_MS = 20, BUTTON_COUNT = 3 };

struct buttons {
    uint8_t stable;                    /* what counts, bits of button_bits */
    uint8_t raw;                       /* as the pins were last */
    uint32_t changed_ms[BUTTON_COUNT]; /* when each pin changed last */
};

/* Start with the pins as they are. */
void buttons_init(struct buttons *buttons, uint8_t raw, uint32_t now_ms);

/* Take the pins' present levels; returns the buttons that have just gone from 0 to 1. */
uint8_t buttons_tick(struct buttons *buttons, uint8_t raw, uint32_t now_ms);

#endif
