/* STM32F411: clocks. Source: RM0383, chapters 3 and 6. */
#include "../clock.h"

#include "chip.h"

#define FLASH_ACCESS REGISTER(0x40023C00u) /* ACR, 3.8.1 */
enum {
    FLASH_FOR_64_MHZ = 1 | 1 << 8 | 1 << 9 | 1 << 10, /* one wait state (table 5), prefetch, both caches */
    PORTS_A_TO_C = 7,
    DMA2_ON = 1 << 22,
    USART2_ON = 1 << 17,
    PWR_ON = 1 << 28,
    USART1_ON = 1 << 4,
    ADC1_ON = 1 << 8,
    /* From the 16 MHz oscillator (HSI): / 8 * 64 / 2; the USB's part, / 4, is not used. Bit 29 is reserved and set. */
    PLL_64_MHZ = 8 | 64 << 6 | 0 << 16 | 4 << 24 | 1 << 29,
    PLL_ON = 1 << 24,
    PLL_READY = 1 << 25,
    APB1_HALF = 4 << 10, /* it stands 50 MHz */
    USE_PLL = 2,
    USED_MASK = 3 << 2,
    USED_PLL = 2 << 2
};

struct clocks clock_start(void)
{
    RCC_ENABLE_AHB1 = RCC_ENABLE_AHB1 | PORTS_A_TO_C | DMA2_ON;
    RCC_ENABLE_APB1 = RCC_ENABLE_APB1 | USART2_ON | PWR_ON;
    RCC_ENABLE_APB2 = RCC_ENABLE_APB2 | USART1_ON | ADC1_ON;
    RCC_PLL = PLL_64_MHZ;
    RCC_CONTROL = RCC_CONTROL | PLL_ON;
    if (!await_bits(&RCC_CONTROL, PLL_READY, PLL_READY))
        return (struct clocks){16000000, 16000000, 16000000};
    FLASH_ACCESS = FLASH_FOR_64_MHZ;
    RCC_CONFIGURATION = APB1_HALF | USE_PLL;
    if (!await_bits(&RCC_CONFIGURATION, USED_MASK, USED_PLL))
        processor_reset(); /* which clock is it now? Never seen; start again. */
    return (struct clocks){64000000, 32000000, 64000000};
}
