/* Debounces buttons; see buttons.h. */
#include "buttons.h"

void buttons_init(struct buttons *buttons, uint8_t raw, uint32_t now_ms)
{
    buttons->stable = raw;
    buttons->raw = raw;
    buttons->changed_ms = now_ms;
}

uint8_t buttons_tick(struct buttons *buttons, uint8_t raw, uint32_t now_ms)
{
    uint8_t before = buttons->stable;
    if (raw != buttons->raw) {
        buttons->raw = raw;
        buttons->changed_ms = now_ms;
    } else if (now_ms - buttons->changed_ms >= BUTTONS_DEBOUNCE_MS) {
        buttons->stable = raw;
    }
    return (uint8_t)(buttons->stable & ~before);
}
