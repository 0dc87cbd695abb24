/* The main loop; see loop.h. */
#include "loop.h"

#include "../hal.h"
#include "board.h"

enum { LOOP_CHUNK = 64 };

static struct board board;

static struct board_inputs read_inputs(void)
{
    return (struct board_inputs){
        .buttons = hal_buttons(),
        .battery_raw = hal_battery_raw(),
        .temperature_c = hal_temperature_c(),
        .supply_low = hal_supply_low(),
        .bus_sent = hal_bus_sent(),
    };
}

static void set_outputs(void)
{
    struct board_outputs outputs = board_outputs(&board);
    hal_set_motor_power(outputs.motor_power);
    hal_set_status_led(outputs.status_led);
    hal_set_motor_led(outputs.motor_led);
    hal_set_fan(outputs.fan);
}

/* Send what there is room for. */
static void send(struct queue *queue, size_t room, void (*write)(const uint8_t *, size_t))
{
    uint8_t chunk[LOOP_CHUNK];
    while (room > 0 && queue->size > 0) {
        size_t size = queue_take(queue, chunk, room < LOOP_CHUNK ? room : LOOP_CHUNK);
        write(chunk, size);
        room -= size;
    }
}

void loop_start(void)
{
    struct board_inputs inputs = read_inputs();
    struct board_facts facts = hal_facts();
    board_init(&board, &facts, hal_now_ms(), &inputs);
    set_outputs();
}

void loop_once(void)
{
    uint8_t chunk[LOOP_CHUNK];
    struct board_inputs inputs = read_inputs();
    board_tick(&board, hal_now_ms(), &inputs);
    board_bus_bytes(&board, chunk, hal_bus_read(chunk, sizeof chunk));
    board_host_bytes(&board, chunk, hal_host_read(chunk, sizeof chunk));
    send(&board.to_bus, hal_bus_room(), hal_bus_write);
    send(&board.to_host, hal_host_room(), hal_host_write);
    set_outputs();
    hal_feed_watchdog();
}
