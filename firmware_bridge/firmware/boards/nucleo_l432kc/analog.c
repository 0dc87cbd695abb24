/* STM32L432: the converter ADC1, and channel 1 of DMA1 behind it. Source: RM0394, chapters 11 and 16. */
#include "../analog.h"

#include "chip.h"

#define ADC_STATUS REGISTER(0x50040000u)
#define ADC_CONTROL REGISTER(0x50040008u)
#define ADC_CONFIGURATION REGISTER(0x5004000Cu)
#define ADC_SAMPLE_TIMES_0_TO_9 REGISTER(0x50040014u)
#define ADC_SAMPLE_TIMES_10_TO_18 REGISTER(0x50040018u)
#define ADC_SEQUENCE REGISTER(0x50040030u)
#define ADC_DATA 0x50040040u
#define ADC_COMMON REGISTER(0x50040308u)
#define DMA_CONTROL REGISTER(0x40020008u)
#define DMA_COUNT REGISTER(0x4002000Cu)
#define DMA_FROM REGISTER(0x40020010u)
#define DMA_TO REGISTER(0x40020014u)

enum {
    BATTERY_INPUT = 5,
    SENSOR_INPUT = 17,
    ADC_READY = 1 << 0,
    ADC_ON = 1 << 0,
    ADC_START = 1 << 2,
    ADC_REGULATOR_ON = 1 << 28,
    ADC_FOR_EVER = 1 << 13,
    ADC_DMA_FOR_EVER = 1 << 0 | 1 << 1,
    ADC_NEWEST_WINS = 1 << 12,
    ADC_CLOCK_QUARTER = 3 << 16, /* 16 MHz; it stands 80 */
    ADC_SENSOR_ON = 1 << 23,
    LONGEST_SAMPLE = 7, /* 640 clocks, 40 µs; the sensor needs 5 */
    DMA_ON = 1 << 0,
    DMA_ROUND_AND_ROUND = 1 << 5 | 1 << 7, /* circular, the place in memory moves */
    DMA_HALF_WORDS = 1 << 8 | 1 << 10
};
#define ADC_CALIBRATES (1u << 31)

volatile uint16_t analog_readings[ANALOG_COUNT];

void analog_start(void)
{
    DMA_FROM = ADC_DATA;
    DMA_TO = (uint32_t)analog_readings;
    DMA_COUNT = ANALOG_COUNT;
    DMA_CONTROL = DMA_ROUND_AND_ROUND | DMA_HALF_WORDS | DMA_ON;
    ADC_COMMON = ADC_CLOCK_QUARTER | ADC_SENSOR_ON;
    ADC_CONTROL = 0; /* out of deep power down */
    ADC_CONTROL = ADC_REGULATOR_ON;
    short_pause(); /* it needs 20 µs */
    ADC_CONTROL = ADC_REGULATOR_ON | ADC_CALIBRATES;
    await_bits(&ADC_CONTROL, ADC_CALIBRATES, 0);
    short_pause(); /* for four of its clocks it would not hear */
    ADC_CONTROL = ADC_REGULATOR_ON | ADC_ON;
    await_bits(&ADC_STATUS, ADC_READY, ADC_READY);
    ADC_CONFIGURATION = ADC_FOR_EVER | ADC_DMA_FOR_EVER | ADC_NEWEST_WINS;
    ADC_SAMPLE_TIMES_0_TO_9 = LONGEST_SAMPLE << 3 * BATTERY_INPUT;
    ADC_SAMPLE_TIMES_10_TO_18 = LONGEST_SAMPLE << 3 * (SENSOR_INPUT - 10);
    ADC_SEQUENCE = (ANALOG_COUNT - 1) | BATTERY_INPUT << 6 | SENSOR_INPUT << 12;
    ADC_CONTROL = ADC_REGULATOR_ON | ADC_ON | ADC_START;
}
