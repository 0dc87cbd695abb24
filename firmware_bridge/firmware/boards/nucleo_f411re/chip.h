/* STM32F411: what it has otherwise than its sister. Source: RM0383, the chapters named. */
#ifndef BOARDS_CHIP_H
#define BOARDS_CHIP_H

#include <stddef.h>

#include "../../core/registers.h"
#include "../peripherals.h"

/* 2.3 memory map */
#define GPIO_BASE 0x40020000u
#define GPIO_STRIDE 0x400u
#define USART1_BASE 0x40011000u
#define USART2_BASE 0x40004400u

/* 6.3 RCC registers */
#define RCC_CONTROL REGISTER(0x40023800u)       /* CR */
#define RCC_PLL REGISTER(0x40023804u)           /* PLLCFGR */
#define RCC_CONFIGURATION REGISTER(0x40023808u) /* CFGR */
#define RCC_ENABLE_AHB1 REGISTER(0x40023830u)   /* AHB1ENR */
#define RCC_ENABLE_APB1 REGISTER(0x40023840u)   /* APB1ENR */
#define RCC_ENABLE_APB2 REGISTER(0x40023844u)   /* APB2ENR */
#define RCC_RESET_FLAGS REGISTER(0x40023874u)   /* CSR */
enum {
    RCC_FORGET_RESET = 1 << 24,
    RCC_RESET_BY_SUPPLY = 1 << 25 | 1 << 27, /* brown-out, power on */
    RCC_RESET_BY_PIN = 1 << 26,
    RCC_RESET_BY_SOFTWARE = 1 << 28,
    RCC_RESET_BY_WATCHDOG = 1 << 29
};

/* 5.4 PWR registers: CR and CSR */
#define PWR_DETECTOR_CONTROL REGISTER(0x40007000u)
#define PWR_DETECTOR_STATUS REGISTER(0x40007004u)
enum { PWR_DETECTOR_AT_2_9_V = 1 << 4 | 7 << 5, PWR_DETECTOR_LOW = 1 << 2 };

/* The temperature sensor's reference; data sheet 6.3.21. */
enum { SENSOR_REFERENCE_C = 25 };

/* 19.6 USART registers */
struct usart {
    volatile uint32_t status;
    volatile uint32_t data;
    volatile uint32_t baud;
    volatile uint32_t control; /* CR1 */
};

enum { USART_ENABLED = 1 << 13 };

static inline uint32_t usart_flags(const struct usart *usart)
{
    return usart->status;
}

/* A received byte; reading it after the flags forgets errors, too. */
static inline uint8_t usart_take(const struct usart *usart)
{
    return (uint8_t)usart->data;
}

static inline void usart_put(struct usart *usart, uint8_t byte)
{
    usart->data = byte;
}

/* By the same reading. */
static inline void usart_forget_errors(const struct usart *usart)
{
    (void)usart->data;
}

#endif
