/* A serial line; see uart.h. */
#include "uart.h"

#include "peripherals.h"

enum { ALWAYS_ON = USART_TRANSMITS | USART_RECEIVED_INTERRUPT };

void uart_start(struct uart *uart, uint32_t clock_hz)
{
    uart->registers->baud = clock_hz / BOARD_BAUD_NUMBER; /* sixteen samples a bit */
    uart->registers->control = USART_ENABLED | USART_RECEIVES | ALWAYS_ON;
}

/* What control has to be: deaf while sending on a half-duplex line, and the interrupt that is waited for. */
static uint32_t wanted_control(const struct uart *uart)
{
    if (!uart->sending)
        return USART_ENABLED | USART_RECEIVES | ALWAYS_ON;
    uint32_t interrupt = ring_size(&uart->to_send) ? USART_ROOM_INTERRUPT : USART_SENT_INTERRUPT;
    return USART_ENABLED | ALWAYS_ON | interrupt | (uart->half_duplex ? 0 : USART_RECEIVES);
}

static void begin_sending(struct uart *uart)
{
    uart->sending = true;
    if (uart->half_duplex)
        pin_set(uart->direction, true);
}

static void end_sending(struct uart *uart)
{
    uart->sending = false;
    if (uart->half_duplex)
        pin_set(uart->direction, false);
}

static void receive(struct uart *uart)
{
    uint32_t flags = usart_flags(uart->registers);
    if (flags & USART_RECEIVED)
        ring_put(&uart->received, usart_take(uart->registers));
    else if (flags & USART_ERRORS)
        usart_forget_errors(uart->registers); /* the checksum finds what was lost */
}

static void send(struct uart *uart)
{
    while (ring_size(&uart->to_send) && (usart_flags(uart->registers) & USART_ROOM))
        usart_put(uart->registers, ring_take(&uart->to_send)); /* which takes USART_SENT away until it has left */
    if (ring_size(&uart->to_send) == 0 && (usart_flags(uart->registers) & USART_SENT))
        end_sending(uart);
}

void uart_service(struct uart *uart)
{
    bool were_on = interrupts_off();
    receive(uart);
    if (uart->sending)
        send(uart);
    uint32_t control = wanted_control(uart);
    if (uart->registers->control != control)
        uart->registers->control = control;
    interrupts_restore(were_on);
}

size_t uart_read(struct uart *uart, uint8_t *to, size_t size)
{
    size_t count = 0;
    uart_service(uart);
    while (count < size && ring_size(&uart->received))
        to[count++] = ring_take(&uart->received);
    return count;
}

void uart_write(struct uart *uart, const uint8_t *data, size_t size)
{
    bool were_on = interrupts_off();
    for (size_t k = 0; k < size; k++)
        ring_put(&uart->to_send, data[k]);
    if (!uart->sending)
        begin_sending(uart);
    uart_service(uart);
    interrupts_restore(were_on);
}
