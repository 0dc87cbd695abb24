/* The chip's own supply; see supply.h. */
#include "supply.h"

#include "../core/registers.h"
#include "chip.h"

uint8_t supply_reset_cause(void)
{
    uint32_t flags = RCC_RESET_FLAGS;
    uint8_t cause = (uint8_t)((flags & RCC_RESET_BY_SUPPLY ? RESET_SUPPLY : 0)
                              | (flags & RCC_RESET_BY_SOFTWARE ? RESET_SOFTWARE : 0)
                              | (flags & RCC_RESET_BY_WATCHDOG ? RESET_WATCHDOG : 0));
    RCC_RESET_FLAGS = flags | RCC_FORGET_RESET;
    if (!cause && flags & RCC_RESET_BY_PIN) /* all others pull the pin, too */
        return RESET_PIN;
    return cause;
}

void supply_watch(void)
{
    PWR_DETECTOR_CONTROL = PWR_DETECTOR_CONTROL | PWR_DETECTOR_AT_2_9_V;
}

bool supply_is_low(void)
{
    return PWR_DETECTOR_STATUS & PWR_DETECTOR_LOW;
}
