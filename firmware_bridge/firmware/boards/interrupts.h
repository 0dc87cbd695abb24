/* Interrupts that are used. USART1 and USART2 have the same numbers on both chips: RM0394 12.3, RM0383 10.2. */
#ifndef BOARDS_INTERRUPTS_H
#define BOARDS_INTERRUPTS_H

#include <stdint.h>

enum { USART1_INTERRUPT = 37, USART2_INTERRUPT = 38 };

/* Of SysTick; wakes the main loop as well. */
void millisecond_interrupt(void);

void motor_uart_interrupt(void);
void host_uart_interrupt(void);

#endif
