/* Battery voltage; see battery.h. */
#include "battery.h"

enum { BATTERY_MAX_READINGS = 4096 }; /* of 12 bits: the sum stays far below 32 bits */

static uint16_t calibrated_mv(const struct battery_calibration *calibration, uint32_t raw)
{
    uint32_t capped = raw < BATTERY_RAW_MAX ? raw : BATTERY_RAW_MAX;
    uint32_t scaled_mv = (capped * calibration->full_scale_mv + BATTERY_RAW_MAX / 2) / BATTERY_RAW_MAX;
    int32_t voltage_mv = (int32_t)scaled_mv + calibration->offset_mv;
    if (voltage_mv < 0)
        return 0;
    return (uint16_t)(voltage_mv < UINT16_MAX ? voltage_mv : UINT16_MAX);
}

static void measure(struct battery *battery, uint32_t now_ms)
{
    battery->voltage_mv = calibrated_mv(&battery->calibration, battery->raw_sum / battery->readings);
    battery->low = battery->voltage_mv < (battery->low ? BATTERY_NO_LONGER_LOW_MV : BATTERY_LOW_MV);
    battery->raw_sum = 0;
    battery->readings = 0;
    battery->measured_ms = now_ms;
}

void battery_init(struct battery *battery, struct battery_calibration calibration, uint16_t raw, uint32_t now_ms)
{
    battery->calibration = calibration;
    battery->low = false;
    battery->raw_sum = raw;
    battery->readings = 1;
    measure(battery, now_ms);
}

bool battery_tick(struct battery *battery, uint16_t raw, uint32_t now_ms)
{
    if (battery->readings < BATTERY_MAX_READINGS) {
        battery->raw_sum += raw;
        battery->readings++;
    }
    if (now_ms - battery->measured_ms < BATTERY_PERIOD_MS)
        return false;
    measure(battery, now_ms);
    return true;
}
