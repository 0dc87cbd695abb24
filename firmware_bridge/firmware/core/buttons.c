/* Debounces buttons; see buttons.h. */
#include "buttons.h"

enum { ALL_BUTTONS = (1 << BUTTON_COUNT) - 1 };

void buttons_init(struct buttons *buttons, uint8_t raw, uint32_t now_ms)
{
    buttons->raw = raw & ALL_BUTTONS;
    buttons->stable = buttons->raw;
    for (int k = 0; k < BUTTON_COUNT; k++)
        buttons->changed_ms[k] = now_ms;
}

uint8_t buttons_tick(struct buttons *buttons, uint8_t raw, uint32_t now_ms)
{
    uint8_t before = buttons->stable;
    for (int k = 0; k < BUTTON_COUNT; k++) {
        uint8_t bit = (uint8_t)(1 << k);
        if ((raw ^ buttons->raw) & bit)
            buttons->changed_ms[k] = now_ms;
        else if (now_ms - buttons->changed_ms[k] >= BUTTONS_DEBOUNCE_MS)
            buttons->stable = (uint8_t)((buttons->stable & ~bit) | (raw & bit));
    }
    buttons->raw = raw & ALL_BUTTONS;
    return (uint8_t)(buttons->stable & ~before);
}
