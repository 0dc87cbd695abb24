/* Pins; see pins.h. */
#include "pins.h"

#include "chip.h"
#include "peripherals.h"

/* In memory, not constants: QEMU's board has no GPIO, and its tests point these at plain memory instead. */
struct gpio *gpio_ports[PORT_COUNT] = {
    (struct gpio *)GPIO_BASE,
    (struct gpio *)(GPIO_BASE + GPIO_STRIDE),
    (struct gpio *)(GPIO_BASE + 2 * GPIO_STRIDE),
};

static void set_field(volatile uint32_t *at, uint32_t width, uint32_t place, uint32_t value)
{
    uint32_t shift = width * place;
    uint32_t mask = (1u << width) - 1;
    *at = (*at & ~(mask << shift)) | value << shift;
}

void pin_make_output(struct pin pin)
{
    pin_set(pin, false);
    set_field(&gpio_ports[pin.port]->mode, 2, pin.number, GPIO_OUTPUT);
}

void pin_make_contact(struct pin pin)
{
    set_field(&gpio_ports[pin.port]->pull, 2, pin.number, GPIO_PULL_UP);
    set_field(&gpio_ports[pin.port]->mode, 2, pin.number, GPIO_INPUT);
}

void pin_make_alternate(struct pin pin, uint32_t function)
{
    struct gpio *port = gpio_ports[pin.port];
    set_field(&port->alternate[pin.number / 8], 4, pin.number % 8u, function);
    set_field(&port->pull, 2, pin.number, GPIO_PULL_UP);
    set_field(&port->mode, 2, pin.number, GPIO_ALTERNATE);
}

void pin_make_analog(struct pin pin)
{
    set_field(&gpio_ports[pin.port]->mode, 2, pin.number, GPIO_ANALOG);
}

void pin_set(struct pin pin, bool on)
{
    bool were_on = interrupts_off(); /* the bus's direction pin is set from an interrupt */
    set_field(&gpio_ports[pin.port]->output, 1, pin.number, on);
    interrupts_restore(were_on);
}

bool pin_is_closed(struct pin pin)
{
    return !(gpio_ports[pin.port]->input >> pin.number & 1);
}
