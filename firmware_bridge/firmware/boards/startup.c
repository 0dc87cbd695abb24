/* From reset to `main`: the table of vectors, and memory as C wants it. */
#include <stdint.h>

#include "cortex.h"
#include "interrupts.h"

/* Set by sections.ld. */
extern uint32_t data_start[], data_end[], bss_start[], bss_end[], stack_top[];
extern const uint32_t data_in_flash[];

int main(void);

_Noreturn void start_program(void)
{
    const uint32_t *from = data_in_flash;
    for (uint32_t *to = data_start; to < data_end;)
        *to++ = *from++;
    for (uint32_t *to = bss_start; to < bss_end;)
        *to++ = 0;
    main();
    processor_reset();
}

/* A fault, or an interrupt that nobody has asked for: with the reset the motors' power goes. */
static void start_again(void)
{
    processor_reset();
}

enum { SYSTICK = 15, FIRST_INTERRUPT = 16 };

union vector {
    uint32_t *stack;
    void (*handler)(void);
};

__attribute__((section(".vectors"), used)) static const union vector vectors[] = {
    {.stack = stack_top},
    {.handler = start_program},
    [2 ... SYSTICK - 1] = {.handler = start_again},
    [SYSTICK] = {.handler = millisecond_interrupt},
    [FIRST_INTERRUPT ... FIRST_INTERRUPT + USART1_INTERRUPT - 1] = {.handler = start_again},
    [FIRST_INTERRUPT + USART1_INTERRUPT] = {.handler = motor_uart_interrupt},
    [FIRST_INTERRUPT + USART2_INTERRUPT] = {.handler = host_uart_interrupt},
};
