/* The processor: registers that every Cortex-M4 has. Source: ARMv7-M Architecture Reference Manual, B3.2 ... B3.4. */
#ifndef BOARDS_CORTEX_H
#define BOARDS_CORTEX_H

#include <stdbool.h>
#include <stdint.h>

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define SYSTICK_CONTROL REGISTER(0xE000E010u)
#define SYSTICK_RELOAD REGISTER(0xE000E014u)
#define SYSTICK_VALUE REGISTER(0xE000E018u)
#define NVIC_ENABLE_32_TO_63 REGISTER(0xE000E104u)
#define SCB_RESET_CONTROL REGISTER(0xE000ED0Cu) /* AIRCR */

#define SYSTICK_ENABLED 7u /* counting, with interrupt, on the processor's clock */
#define SCB_RESET_REQUEST 0x05FA0004u

/* Keep interrupts out; returns whether they were let in before. */
static inline bool interrupts_off(void)
{
    uint32_t masked;
    __asm__ volatile("mrs %0, primask\n\tcpsid i" : "=r"(masked) : : "memory");
    return !masked;
}

static inline void interrupts_restore(bool were_on)
{
    if (were_on)
        __asm__ volatile("cpsie i" : : : "memory");
}

/* Sleep until an interrupt is pending, also while they are kept out. */
static inline void wait_for_interrupt(void)
{
    __asm__ volatile("dsb\n\twfi" : : : "memory");
}

/* Start again; all pins fall back to inputs, so the motors' power goes. */
static inline _Noreturn void processor_reset(void)
{
    __asm__ volatile("dsb" : : : "memory");
    SCB_RESET_CONTROL = SCB_RESET_REQUEST;
    for (;;)
        ;
}

/* A quarter of a millisecond or more at 64 MHz: much more than any part of the chips needs to wake. */
static inline void short_pause(void)
{
    for (volatile uint32_t round = 0; round < 2000; round = round + 1)
        ;
}

/* Wait until the bits in `mask` are `value`, but not for ever: 9 ms at 16 MHz. Returns whether they came to be so. */
static inline bool await_bits(volatile uint32_t *at, uint32_t mask, uint32_t value)
{
    for (uint32_t round = 0; round < 20000; round++) {
        if ((*at & mask) == value)
            return true;
    }
    return false;
}

#endif
