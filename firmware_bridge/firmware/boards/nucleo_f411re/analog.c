/* STM32F411: the converter ADC1, and stream 0 of DMA2 behind it. Source: RM0383, chapters 9 and 11. */
#include "../analog.h"

#include "chip.h"

#define ADC_CONTROL_1 REGISTER(0x40012004u)
#define ADC_CONTROL_2 REGISTER(0x40012008u)
#define ADC_SAMPLE_TIMES_10_TO_18 REGISTER(0x4001200Cu)
#define ADC_SAMPLE_TIMES_0_TO_9 REGISTER(0x40012010u)
#define ADC_SEQUENCE_LENGTH REGISTER(0x4001202Cu)
#define ADC_SEQUENCE REGISTER(0x40012034u)
#define ADC_DATA 0x4001204Cu
#define ADC_COMMON REGISTER(0x40012304u)
#define DMA_CONTROL REGISTER(0x40026410u)
#define DMA_COUNT REGISTER(0x40026414u)
#define DMA_FROM REGISTER(0x40026418u)
#define DMA_TO REGISTER(0x4002641Cu)

enum {
    BATTERY_INPUT = 0,
    SENSOR_INPUT = 18,
    ADC_SCAN = 1 << 8,
    ADC_ON = 1 << 0,
    ADC_FOR_EVER = 1 << 1,
    ADC_DMA_FOR_EVER = 1 << 8 | 1 << 9,
    ADC_START = 1 << 30,
    ADC_CLOCK_QUARTER = 1 << 16, /* 16 MHz; it stands 36 */
    ADC_SENSOR_ON = 1 << 23,
    LONGEST_SAMPLE = 7, /* 480 clocks, 30 µs; the sensor needs 10 */
    DMA_ON = 1 << 0,
    DMA_ROUND_AND_ROUND = 1 << 8 | 1 << 10, /* circular, the place in memory moves */
    DMA_HALF_WORDS = 1 << 11 | 1 << 13
};

volatile uint16_t analog_readings[ANALOG_COUNT];

void analog_start(void)
{
    DMA_CONTROL = 0;
    await_bits(&DMA_CONTROL, DMA_ON, 0);
    DMA_FROM = ADC_DATA;
    DMA_TO = (uint32_t)analog_readings;
    DMA_COUNT = ANALOG_COUNT;
    DMA_CONTROL = DMA_ROUND_AND_ROUND | DMA_HALF_WORDS | DMA_ON;
    ADC_COMMON = ADC_CLOCK_QUARTER | ADC_SENSOR_ON;
    ADC_CONTROL_1 = ADC_SCAN;
    ADC_SAMPLE_TIMES_0_TO_9 = LONGEST_SAMPLE << 3 * BATTERY_INPUT;
    ADC_SAMPLE_TIMES_10_TO_18 = LONGEST_SAMPLE << 3 * (SENSOR_INPUT - 10);
    ADC_SEQUENCE_LENGTH = (ANALOG_COUNT - 1) << 20;
    ADC_SEQUENCE = BATTERY_INPUT | SENSOR_INPUT << 5;
    ADC_CONTROL_2 = ADC_FOR_EVER | ADC_DMA_FOR_EVER | ADC_ON;
    short_pause(); /* it needs 3 µs */
    ADC_CONTROL_2 = ADC_FOR_EVER | ADC_DMA_FOR_EVER | ADC_ON | ADC_START;
}
