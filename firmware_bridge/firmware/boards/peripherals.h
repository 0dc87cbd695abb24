/* What both chips have alike. Sources: RM0394 (STM32L432) and RM0383 (STM32F411), the chapters named. */
#ifndef BOARDS_PERIPHERALS_H
#define BOARDS_PERIPHERALS_H

#include "cortex.h"

/* GPIO: RM0394 chapter 8, RM0383 chapter 8. */
struct gpio {
    volatile uint32_t mode; /* two bits a pin, of gpio_modes */
    volatile uint32_t output_type;
    volatile uint32_t speed;
    volatile uint32_t pull; /* two bits a pin: 1 up, 2 down */
    volatile uint32_t input;
    volatile uint32_t output;
    volatile uint32_t set_reset;
    volatile uint32_t lock;
    volatile uint32_t alternate[2]; /* four bits a pin */
};

enum gpio_modes { GPIO_INPUT = 0, GPIO_OUTPUT = 1, GPIO_ALTERNATE = 2, GPIO_ANALOG = 3 };
enum { GPIO_PULL_UP = 1 };

/* Independent watchdog, on its own clock (LSI): RM0394 chapter 32, RM0383 chapter 15. */
#define IWDG_KEY REGISTER(0x40003000u)
#define IWDG_PRESCALER REGISTER(0x40003004u)
#define IWDG_RELOAD REGISTER(0x40003008u)
#define IWDG_STATUS REGISTER(0x4000300Cu)
#define IWDG_KEY_START 0xCCCCu
#define IWDG_KEY_UNLOCK 0x5555u
#define IWDG_KEY_FEED 0xAAAAu

/* Bits of an USART that are alike in both versions: RM0394 chapter 36, RM0383 chapter 19. */
enum usart_control_bits {
    USART_RECEIVES = 1 << 2,
    USART_TRANSMITS = 1 << 3,
    USART_RECEIVED_INTERRUPT = 1 << 5,
    USART_SENT_INTERRUPT = 1 << 6,
    USART_ROOM_INTERRUPT = 1 << 7
};

enum usart_flags {
    USART_ERRORS = 0x0F, /* parity, framing, noise, overrun */
    USART_RECEIVED = 1 << 5,
    USART_SENT = 1 << 6, /* the last bit has left the wire */
    USART_ROOM = 1 << 7
};

#endif
