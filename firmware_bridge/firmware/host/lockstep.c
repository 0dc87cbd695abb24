/* The board in lockstep with its tester: commands on stdin, answers on stdout, time passes by command only.
 *
 * Command: a letter, a u16 with the size of what follows, and that:
 *   h  bytes from the host
 *   b  bytes from the motors
 *   t  u16: so many milliseconds pass, one by one
 *   i  u8 buttons, u16 raw battery reading: the inputs' new levels
 *   c  i8 temperature in degrees Celsius, u8 whether the board's own supply is low
 *   s  u8: the bus is stalled: 1 it takes no bytes, 2 what it has taken has not left the wire
 * Answer: u16 size and bytes to the host, u16 size and bytes to the motors, u8 pins: 1 motor power, 2 status LED,
 * 4 motor LED, 8 fan. All numbers are little-endian.
 */
#include <stdio.h>

#include "../core/board.h"
#include "../core/bytes.h"

enum { ANSWER_MAX = 65535, CHUNK = 64, START_RAW = 2700 };

struct answer {
    uint8_t bytes[ANSWER_MAX];
    size_t size;
};

static struct board board;
static struct board_inputs inputs = {
    .buttons = BUTTON_ENABLE | BUTTON_POWER_SWITCH,
    .battery_raw = START_RAW,
    .temperature_c = 25,
    .bus_sent = true,
};
static uint32_t now_ms = UINT32_MAX - 150; /* so that tests see the clock wrap, some in each phase */
static bool bus_full;
static struct answer to_host, to_bus;

static void collect(void)
{
    to_host.size += queue_take(&board.to_host, to_host.bytes + to_host.size, ANSWER_MAX - to_host.size);
    if (!bus_full)
        to_bus.size += queue_take(&board.to_bus, to_bus.bytes + to_bus.size, ANSWER_MAX - to_bus.size);
}

static void pass_bytes(void (*take)(struct board *, const uint8_t *, size_t), const uint8_t *data, size_t size)
{
    for (size_t done = 0; done < size; done += CHUNK) {
        take(&board, data + done, size - done < CHUNK ? size - done : CHUNK);
        collect();
    }
}

static void pass_time(uint16_t duration_ms)
{
    for (uint16_t k = 0; k < duration_ms; k++) {
        board_tick(&board, ++now_ms, &inputs);
        collect();
    }
}

static void write_answer(struct answer *answer)
{
    uint8_t size[2];
    bytes_put_u16(size, (uint16_t)answer->size);
    fwrite(size, 1, sizeof size, stdout);
    fwrite(answer->bytes, 1, answer->size, stdout);
    answer->size = 0;
}

static void stall_bus(uint8_t how)
{
    bus_full = how & 1;
    inputs.bus_sent = !(how & 2);
}

static void set_levels(const uint8_t *data)
{
    inputs.buttons = data[0];
    inputs.battery_raw = bytes_get_u16(data + 1);
}

static void set_climate(const uint8_t *data)
{
    inputs.temperature_c = (int8_t)data[0];
    inputs.supply_low = data[1];
}

static int obey(char command, const uint8_t *data, size_t size)
{
    if (command == 'h')
        pass_bytes(board_host_bytes, data, size);
    else if (command == 'b')
        pass_bytes(board_bus_bytes, data, size);
    else if (command == 't' && size == 2)
        pass_time(bytes_get_u16(data));
    else if (command == 'i' && size == 3)
        set_levels(data);
    else if (command == 'c' && size == 2)
        set_climate(data);
    else if (command == 's' && size == 1)
        stall_bus(data[0]);
    else
        return 0;
    return 1;
}

int main(void)
{
    static uint8_t data[65535];
    const struct board_facts facts = {HARDWARE_EMULATED, RESET_SUPPLY, {17600, 0}};
    uint8_t head[3];
    board_init(&board, &facts, now_ms, &inputs);
    while (fread(head, 1, sizeof head, stdin) == sizeof head) {
        size_t size = bytes_get_u16(head + 1);
        if (fread(data, 1, size, stdin) != size || !obey((char)head[0], data, size)) {
            fprintf(stderr, "no such command: %c with %zu bytes\n", head[0], size);
            return 2;
        }
        collect();
        write_answer(&to_host);
        write_answer(&to_bus);
        struct board_outputs pins = board_outputs(&board);
        putchar(pins.motor_power | pins.status_led << 1 | pins.motor_led << 2 | pins.fan << 3);
        fflush(stdout);
    }
    return 0;
}
