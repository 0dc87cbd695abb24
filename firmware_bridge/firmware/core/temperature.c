/* The board's temperature; see temperature.h. */
#include "temperature.h"

enum { TEMPERATURE_MAX_READINGS = 4096 }; /* of 16 bits: the sum stays below 31 bits */

static int8_t clamped(int32_t celsius)
{
    if (celsius < INT8_MIN)
        return INT8_MIN;
    return (int8_t)(celsius < INT8_MAX ? celsius : INT8_MAX);
}

static void measure(struct temperature *temperature, uint32_t now_ms)
{
    int8_t celsius = clamped(temperature->sum_c / temperature->readings);
    temperature->celsius = celsius;
    temperature->warm = celsius >= (temperature->warm ? TEMPERATURE_NO_LONGER_WARM_C : TEMPERATURE_WARM_C);
    temperature->hot = celsius >= (temperature->hot ? TEMPERATURE_NO_LONGER_HOT_C : TEMPERATURE_HOT_C);
    temperature->sum_c = 0;
    temperature->readings = 0;
    temperature->measured_ms = now_ms;
}

void temperature_init(struct temperature *temperature, int16_t reading_c, uint32_t now_ms)
{
    *temperature = (struct temperature){.sum_c = reading_c, .readings = 1};
    measure(temperature, now_ms);
}

void temperature_tick(struct temperature *temperature, int16_t reading_c, uint32_t now_ms)
{
    if (temperature->readings < TEMPERATURE_MAX_READINGS) {
        temperature->sum_c += reading_c;
        temperature->readings++;
    }
    if (now_ms - temperature->measured_ms >= TEMPERATURE_PERIOD_MS)
        measure(temperature, now_ms);
}
