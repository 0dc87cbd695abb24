/* A serial line at 1 Mbaud 8N1, by interrupts; half duplex if it has a direction pin. */
#ifndef BOARDS_UART_H
#define BOARDS_UART_H

#include "chip.h"
#include "pins.h"
#include "ring.h"

struct uart {
    struct usart *registers;
    bool half_duplex;
    struct pin direction; /* high while sending; for half duplex only */
    volatile bool sending;
    struct ring received;
    struct ring to_send;
};

/* Start receiving; `clock_hz` is what the baud rate is divided from. */
void uart_start(struct uart *uart, uint32_t clock_hz);

/* Take and send what can be without waiting: to be called by the interrupt. The main loop calls it too, so that nothing
 * stays where an interrupt does not come, as in an emulator that has none for sending. */
void uart_service(struct uart *uart);

/* Bytes that have come; returns how many, at most `size`. */
size_t uart_read(struct uart *uart, uint8_t *to, size_t size);

/* Send bytes, no more than `to_send` has room for. A half-duplex line does not hear itself. */
void uart_write(struct uart *uart, const uint8_t *data, size_t size);

#endif
