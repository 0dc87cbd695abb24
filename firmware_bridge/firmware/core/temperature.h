/* The board's temperature out of readings: averaged over a period; warm and hot with hysteresis. */
#ifndef CORE_TEMPERATURE_H
#define CORE_TEMPERATURE_H

#include <stdbool.h>
#include <stdint.h>

enum {
    TEMPERATURE_PERIOD_MS = 100,
    TEMPERATURE_WARM_C = 45, /* the fan runs */
    TEMPERATURE_NO_LONGER_WARM_C = 40,
    TEMPERATURE_HOT_C = 80, /* the motors' power goes; the chips are made for 85 °C around them */
    TEMPERATURE_NO_LONGER_HOT_C = 70
};

struct temperature {
    int32_t sum_c;
    int32_t readings;
    uint32_t measured_ms; /* when the period began */
    int8_t celsius;
    bool warm;
    bool hot;
};

/* Start with one reading as the temperature. */
void temperature_init(struct temperature *temperature, int16_t reading_c, uint32_t now_ms);

/* Take a reading; `celsius`, `warm` and `hot` are new when a period is over. */
void temperature_tick(struct temperature *temperature, int16_t reading_c, uint32_t now_ms);

#endif
