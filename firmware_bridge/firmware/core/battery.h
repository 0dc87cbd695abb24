/* Battery voltage out of raw readings: averaged over a period, calibrated, low with hysteresis. */
#ifndef CORE_BATTERY_H
#define CORE_BATTERY_H

#include <stdbool.h>
#include <stdint.h>

enum {
    BATTERY_PERIOD_MS = 100,
    BATTERY_LOW_MV = 10200,
    BATTERY_NO_LONGER_LOW_MV = 10500, /* a pack recovers by some tenths of a volt when the motors rest */
    BATTERY_RAW_MAX = 4095
};

/* Of the voltage divider and the converter; measured once for each board. */
struct battery_calibration {
    uint32_t full_scale_mv; /* the voltage that reads BATTERY_RAW_MAX; at most 65535 */
    int32_t offset_mv;      /* added */
};

struct battery {
    struct battery_calibration calibration;
    uint32_t raw_sum;
    uint32_t readings;
    uint32_t measured_ms; /* when the period began */
    uint16_t voltage_mv;
    bool low;
};

/* Start with one reading as the voltage. */
void battery_init(struct battery *battery, struct battery_calibration calibration, uint16_t raw, uint32_t now_ms);

/* Take a reading; returns whether a period is over, so that `voltage_mv` and `low` are new. */
bool battery_tick(struct battery *battery, uint16_t raw, uint32_t now_ms);

#endif
