/* The chip's clocks. */
#ifndef BOARDS_CLOCK_H
#define BOARDS_CLOCK_H

#include <stdint.h>

struct clocks {
    uint32_t processor_hz;
    uint32_t host_uart_hz;  /* USART2 */
    uint32_t motor_uart_hz; /* USART1 */
};

/* Switch on what is used, and go from the reset clock to 64 MHz; if that does not come about in time, to 16 MHz. */
struct clocks clock_start(void);

#endif
