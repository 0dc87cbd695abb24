/* The board's life: start, time, incoming bytes; see board.h. */
#include "board.h"

#include "bytes.h"
#include "lights.h"
#include "router.h"
#include "safety.h"

static void fill_factsheet(uint8_t *table, const struct board_facts *facts)
{
    bytes_put_u16(table + BOARD_MODEL, BOARD_MODEL_NUMBER);
    table[BOARD_FIRMWARE_VERSION] = BOARD_FIRMWARE_NUMBER;
    table[BOARD_ID] = ID_BOARD;
    table[BOARD_HARDWARE] = facts->hardware;
    table[BOARD_RESET_CAUSE] = facts->reset_cause;
    bytes_put_u32(table + BOARD_BAUD, BOARD_BAUD_NUMBER);
    bytes_put_u16(table + BOARD_LONGEST_PACKET, PACKET_MAX_SIZE);
    bytes_put_u16(table + BOARD_BATTERY_LOW_MV, BATTERY_LOW_MV);
    bytes_put_u16(table + BOARD_BATTERY_FULL_SCALE_MV, (uint16_t)facts->battery.full_scale_mv);
    table[BOARD_FAN_C] = TEMPERATURE_WARM_C;
    table[BOARD_OVERHEAT_C] = TEMPERATURE_HOT_C;
}

void board_init(struct board *board, const struct board_facts *facts, uint32_t now_ms,
                const struct board_inputs *inputs)
{
    *board = (struct board){0};
    board->now_ms = board->started_ms = board->heartbeat_changed_ms = now_ms;
    fill_factsheet(board->table, facts);
    bytes_put_u16(board->table + BOARD_HEARTBEAT_TIMEOUT_MS, HEARTBEAT_TIMEOUT_DEFAULT_MS);
    buttons_init(&board->buttons, inputs->buttons, now_ms);
    battery_init(&board->battery, facts->battery, inputs->battery_raw, now_ms);
    temperature_init(&board->temperature, inputs->temperature_c, now_ms);
    safety_note_battery(board);
}

static void drop_old_partial(struct board_line *line, uint32_t now_ms)
{
    if (parser_pending(&line->parser) && now_ms - line->last_byte_ms > PARTIAL_PACKET_TIMEOUT_MS)
        parser_drop_partial(&line->parser);
}

void board_tick(struct board *board, uint32_t now_ms, const struct board_inputs *inputs)
{
    board->now_ms = now_ms;
    drop_old_partial(&board->host, now_ms);
    drop_old_partial(&board->bus, now_ms);
    if (buttons_tick(&board->buttons, inputs->buttons, now_ms) & BUTTON_RESET)
        safety_reset(board);
    temperature_tick(&board->temperature, inputs->temperature_c, now_ms);
    if (battery_tick(&board->battery, inputs->battery_raw, now_ms))
        safety_note_battery(board);
    safety_tick(board, inputs);
    router_tick(board);
}

static void receive(struct board *board, struct board_line *line, const uint8_t *data, size_t size,
                    void (*handle)(struct board *, const struct packet *))
{
    struct packet packet;
    size_t taken = 0;
    while (taken < size) {
        taken += parser_add(&line->parser, data + taken, size - taken);
        line->last_byte_ms = board->now_ms;
        while (parser_next(&line->parser, &packet))
            handle(board, &packet);
    }
}

void board_host_bytes(struct board *board, const uint8_t *data, size_t size)
{
    receive(board, &board->host, data, size, router_from_host);
}

void board_bus_bytes(struct board *board, const uint8_t *data, size_t size)
{
    receive(board, &board->bus, data, size, router_from_bus);
}

struct board_outputs board_outputs(const struct board *board)
{
    return (struct board_outputs){
        .motor_power = board->power.pin,
        .status_led = lights_status(board),
        .motor_led = board->power.pin,
        .fan = board->power.pin || board->temperature.warm,
    };
}
