/* STM32L432: clocks. Source: RM0394, chapters 3 and 6. */
#include "../clock.h"

#include "chip.h"

#define FLASH_ACCESS REGISTER(0x40022000u) /* ACR, 3.7.1 */
enum {
    FLASH_FOR_64_MHZ = 3 | 1 << 8 | 1 << 9 | 1 << 10, /* three wait states (table 9), prefetch, both caches */
    DMA1_ON = 1 << 0,
    PORTS_A_TO_C = 7,
    ADC_ON = 1 << 13,
    USART2_ON = 1 << 17,
    PWR_ON = 1 << 28,
    USART1_ON = 1 << 14,
    HSI16_ON = 1 << 8,
    HSI16_READY = 1 << 10,
    /* From the 16 MHz oscillator (HSI16): / 1 * 8 / 2. */
    PLL_64_MHZ = 2 | 0 << 4 | 8 << 8 | 1 << 24 | 0 << 25,
    PLL_ON = 1 << 24,
    PLL_READY = 1 << 25,
    USE_HSI16 = 1,
    USE_PLL = 3,
    USED_MASK = 3 << 2,
    USED_HSI16 = 1 << 2,
    USED_PLL = 3 << 2
};

/* A clock that does not come leaves the speed of the lines unknown; never seen, start again. */
static void insist(bool came)
{
    if (!came)
        processor_reset();
}

struct clocks clock_start(void)
{
    RCC_ENABLE_AHB1 = RCC_ENABLE_AHB1 | DMA1_ON;
    RCC_ENABLE_AHB2 = RCC_ENABLE_AHB2 | PORTS_A_TO_C | ADC_ON;
    RCC_ENABLE_APB1 = RCC_ENABLE_APB1 | USART2_ON | PWR_ON;
    RCC_ENABLE_APB2 = RCC_ENABLE_APB2 | USART1_ON;
    RCC_CONTROL = RCC_CONTROL | HSI16_ON;
    insist(await_bits(&RCC_CONTROL, HSI16_READY, HSI16_READY));
    RCC_CONFIGURATION = USE_HSI16;
    insist(await_bits(&RCC_CONFIGURATION, USED_MASK, USED_HSI16));
    RCC_PLL = PLL_64_MHZ;
    RCC_CONTROL = RCC_CONTROL | PLL_ON;
    if (!await_bits(&RCC_CONTROL, PLL_READY, PLL_READY))
        return (struct clocks){16000000, 16000000, 16000000};
    FLASH_ACCESS = FLASH_FOR_64_MHZ;
    RCC_CONFIGURATION = USE_PLL;
    insist(await_bits(&RCC_CONFIGURATION, USED_MASK, USED_PLL));
    return (struct clocks){64000000, 64000000, 64000000};
}
