/* STM32L432: what it has otherwise than its sister. Source: RM0394, the chapters named. */
#ifndef BOARDS_CHIP_H
#define BOARDS_CHIP_H

#include <stddef.h>

#include "../../core/registers.h"
#include "../peripherals.h"

/* 2.2 memory map */
#define GPIO_BASE 0x48000000u
#define GPIO_STRIDE 0x400u
#define USART1_BASE 0x40013800u
#define USART2_BASE 0x40004400u

/* 6.4 RCC registers */
#define RCC_CONTROL REGISTER(0x40021000u)       /* CR */
#define RCC_CONFIGURATION REGISTER(0x40021008u) /* CFGR */
#define RCC_PLL REGISTER(0x4002100Cu)           /* PLLCFGR */
#define RCC_ENABLE_AHB1 REGISTER(0x40021048u)   /* AHB1ENR */
#define RCC_ENABLE_AHB2 REGISTER(0x4002104Cu)   /* AHB2ENR */
#define RCC_ENABLE_APB1 REGISTER(0x40021058u)   /* APB1ENR1 */
#define RCC_ENABLE_APB2 REGISTER(0x40021060u)   /* APB2ENR */
#define RCC_RESET_FLAGS REGISTER(0x40021094u)   /* CSR */
enum {
    RCC_FORGET_RESET = 1 << 23,
    RCC_RESET_BY_SUPPLY = 1 << 27, /* brown-out, which power on is as well */
    RCC_RESET_BY_PIN = 1 << 26,
    RCC_RESET_BY_SOFTWARE = 1 << 28,
    RCC_RESET_BY_WATCHDOG = 1 << 29
};

/* 5.4 PWR registers: CR2 and SR2 */
#define PWR_DETECTOR_CONTROL REGISTER(0x40007004u)
#define PWR_DETECTOR_STATUS REGISTER(0x40007014u)
enum { PWR_DETECTOR_AT_2_9_V = 1 << 0 | 6 << 1, PWR_DETECTOR_LOW = 1 << 11 };

/* The temperature sensor's reference; data sheet 6.3.20. */
enum { SENSOR_REFERENCE_C = 30 };

/* 36.8 USART registers */
struct usart {
    volatile uint32_t control; /* CR1 */
    volatile uint32_t control_2;
    volatile uint32_t control_3;
    volatile uint32_t baud;
    volatile uint32_t guard_time;
    volatile uint32_t receiver_timeout;
    volatile uint32_t request;
    volatile uint32_t status; /* ISR */
    volatile uint32_t clear;  /* ICR */
    volatile uint32_t received;
    volatile uint32_t to_send;
};

enum { USART_ENABLED = 1 << 0 };

static inline uint32_t usart_flags(const struct usart *usart)
{
    return usart->status;
}

static inline void usart_forget_errors(struct usart *usart)
{
    usart->clear = USART_ERRORS;
}

/* A received byte; forgets errors, too. */
static inline uint8_t usart_take(struct usart *usart)
{
    usart_forget_errors(usart);
    return (uint8_t)usart->received;
}

static inline void usart_put(struct usart *usart, uint8_t byte)
{
    usart->to_send = byte;
}

#endif
