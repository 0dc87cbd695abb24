/* The hardware layer of a NUCLEO board: hal.h over the chip's registers. */
#include "layer.h"

#include "../hal.h"
#include "analog.h"
#include "chip.h"
#include "clock.h"
#include "interrupts.h"
#include "peripherals.h"
#include "pin_map.h"
#include "supply.h"
#include "uart.h"

enum {
    /* At 32 kHz / 4, so 53 ms; that clock may be anything from 17 to 47 kHz (STM32F411 data sheet): 100 to 36 ms. */
    WATCHDOG_RELOAD = 424,
    SUPPLY_MV = 3300,
    SENSOR_REFERENCE_MV = 760, /* of both chips' temperature sensors at SENSOR_REFERENCE_C; typical, to about 10 °C */
    BATTERY_FULL_SCALE_MV = 17600 /* 3.3 V behind a divider of 130 kΩ and 30 kΩ */
};

static struct uart host = {.registers = (struct usart *)USART2_BASE};
static struct uart motors = {
    .registers = (struct usart *)USART1_BASE,
    .half_duplex = true,
    .direction = PIN_BUS_DIRECTION,
};
static volatile uint32_t milliseconds;
static uint8_t reset_cause;

void millisecond_interrupt(void)
{
    milliseconds = milliseconds + 1;
}

void host_uart_interrupt(void)
{
    uart_service(&host);
}

void motor_uart_interrupt(void)
{
    uart_service(&motors);
}

static void start_pins(void)
{
    const struct pin outputs[] = {PIN_MOTOR_POWER, PIN_STATUS_LED, PIN_MOTOR_LED, PIN_FAN, PIN_BUS_DIRECTION};
    const struct pin contacts[] = {PIN_ENABLE_BUTTON, PIN_RESET_BUTTON, PIN_POWER_SWITCH};
    for (size_t k = 0; k < sizeof outputs / sizeof *outputs; k++)
        pin_make_output(outputs[k]);
    for (size_t k = 0; k < sizeof contacts / sizeof *contacts; k++)
        pin_make_contact(contacts[k]);
    pin_make_analog(PIN_BATTERY);
    pin_make_alternate(PIN_HOST_SEND, 7);
    pin_make_alternate(PIN_HOST_RECEIVE, HOST_RECEIVE_FUNCTION);
    pin_make_alternate(PIN_BUS_SEND, 7);
    pin_make_alternate(PIN_BUS_RECEIVE, 7);
}

static void start_milliseconds(const struct clocks *clocks)
{
    SYSTICK_RELOAD = clocks->processor_hz / 1000 - 1;
    SYSTICK_VALUE = 0;
    SYSTICK_CONTROL = SYSTICK_ENABLED;
}

static void start_watchdog(void)
{
    IWDG_KEY = IWDG_KEY_START;
    IWDG_KEY = IWDG_KEY_UNLOCK;
    IWDG_PRESCALER = 0;
    IWDG_RELOAD = WATCHDOG_RELOAD;
    await_bits(&IWDG_STATUS, ~0u, 0);
    IWDG_KEY = IWDG_KEY_FEED;
}

void layer_start(void)
{
    struct clocks clocks = clock_start();
    start_pins();
    reset_cause = supply_reset_cause();
    supply_watch();
    start_milliseconds(&clocks);
    uart_start(&host, clocks.host_uart_hz);
    uart_start(&motors, clocks.motor_uart_hz);
    NVIC_ENABLE_32_TO_63 = 1u << (USART1_INTERRUPT - 32) | 1u << (USART2_INTERRUPT - 32);
    analog_start();
    start_watchdog();
}

void layer_rest(void)
{
    bool were_on = interrupts_off(); /* a byte that comes between question and sleep ends the sleep at once */
    if (!ring_size(&host.received) && !ring_size(&motors.received))
        wait_for_interrupt();
    interrupts_restore(were_on);
}

uint32_t hal_now_ms(void)
{
    return milliseconds;
}

size_t hal_host_read(uint8_t *to, size_t size)
{
    return uart_read(&host, to, size);
}

size_t hal_host_room(void)
{
    return ring_room(&host.to_send);
}

void hal_host_write(const uint8_t *data, size_t size)
{
    uart_write(&host, data, size);
}

size_t hal_bus_read(uint8_t *to, size_t size)
{
    return uart_read(&motors, to, size);
}

size_t hal_bus_room(void)
{
    return ring_room(&motors.to_send);
}

void hal_bus_write(const uint8_t *data, size_t size)
{
    uart_write(&motors, data, size);
}

bool hal_bus_sent(void)
{
    return !motors.sending;
}

uint8_t hal_buttons(void)
{
    return (uint8_t)((pin_is_closed(PIN_ENABLE_BUTTON) ? BUTTON_ENABLE : 0)
                     | (pin_is_closed(PIN_RESET_BUTTON) ? BUTTON_RESET : 0)
                     | (pin_is_closed(PIN_POWER_SWITCH) ? BUTTON_POWER_SWITCH : 0));
}

uint16_t hal_battery_raw(void)
{
    return analog_readings[ANALOG_BATTERY];
}

int16_t hal_temperature_c(void)
{
    int32_t sensor_mv = analog_readings[ANALOG_TEMPERATURE] * SUPPLY_MV / BATTERY_RAW_MAX;
    return (int16_t)((sensor_mv - SENSOR_REFERENCE_MV) * 2 / 5 + SENSOR_REFERENCE_C); /* 2.5 mV a degree */
}

bool hal_supply_low(void)
{
    return supply_is_low();
}

struct board_facts hal_facts(void)
{
    return (struct board_facts){
        .hardware = HARDWARE,
        .reset_cause = reset_cause,
        .battery = {.full_scale_mv = BATTERY_FULL_SCALE_MV, .offset_mv = 0},
    };
}

void hal_set_motor_power(bool on)
{
    pin_set(PIN_MOTOR_POWER, on);
}

void hal_set_status_led(bool on)
{
    pin_set(PIN_STATUS_LED, on);
}

void hal_set_motor_led(bool on)
{
    pin_set(PIN_MOTOR_LED, on);
}

void hal_set_fan(bool on)
{
    pin_set(PIN_FAN, on);
}

void hal_feed_watchdog(void)
{
    IWDG_KEY = IWDG_KEY_FEED;
}
