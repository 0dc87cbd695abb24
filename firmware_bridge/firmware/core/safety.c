/* When the motors have power; see safety.h. */
#include "safety.h"

#include "bytes.h"

/* Order both motors to stand, in one packet that nobody answers. */
static void stop_wheels(struct board *board)
{
    static const struct packet stop = {
        .id = ID_BROADCAST,
        .instruction = INSTRUCTION_SYNC_WRITE,
        .parameter_count = 14,
        .parameters = {MOTOR_GOAL_VELOCITY, 0, 4, 0, ID_LEFT, 0, 0, 0, 0, ID_RIGHT, 0, 0, 0, 0},
    };
    uint8_t encoded[PACKET_MAX_ENCODED_SIZE];
    queue_put(&board->to_bus, encoded, packet_encode(&stop, encoded), 0);
}

void safety_set_power(struct board *board, uint8_t wanted)
{
    bool was_on = board->table[BOARD_MOTOR_POWER];
    board->table[BOARD_MOTOR_POWER] = wanted;
    board->table[BOARD_STATE] = wanted;
    if (wanted && !was_on) {
        board->power = (struct board_power){.pin = true};
        board->silence = (struct bus_silence){0};
    } else if (!wanted && was_on) {
        stop_wheels(board);
        board->power.cutting = true;
        board->power.cut_ms = board->now_ms;
    }
}

static void shut_down(struct board *board, uint8_t error)
{
    board->table[BOARD_ERRORS] |= error;
    safety_set_power(board, 0);
}

static void finish_cut(struct board *board, bool bus_sent)
{
    bool told = bus_sent && board->to_bus.size == 0;
    if (told || board->now_ms - board->power.cut_ms >= CUT_PATIENCE_MS) {
        board->power.cutting = false;
        board->power.pin = false;
    }
}

void safety_tick(struct board *board, const struct board_inputs *inputs)
{
    const struct bus_silence *silence = &board->silence;
    if (board->power.cutting)
        finish_cut(board, inputs->bus_sent);
    if (board->temperature.hot) /* these two are told even without power, as they keep it away */
        shut_down(board, OVERHEATED);
    board->supply_low = inputs->supply_low;
    if (board->supply_low)
        shut_down(board, BROWN_OUT);
    if (!board->table[BOARD_MOTOR_POWER])
        return;
    uint32_t timeout_ms = bytes_get_u16(board->table + BOARD_HEARTBEAT_TIMEOUT_MS);
    if (board->now_ms - board->heartbeat_changed_ms > timeout_ms)
        shut_down(board, HOST_LOST);
    else if (!(board->buttons.stable & BUTTON_ENABLE))
        shut_down(board, EMERGENCY_STOP);
    else if (!(board->buttons.stable & BUTTON_POWER_SWITCH))
        safety_set_power(board, 0); /* no error: somebody wants it so */
    else if (silence->questions >= BUS_SILENCE_QUESTIONS && board->now_ms - silence->since_ms > BUS_SILENCE_MS)
        shut_down(board, BUS_SILENT);
}

void safety_note_battery(struct board *board)
{
    bytes_put_u16(board->table + BOARD_BATTERY_MV, board->battery.voltage_mv);
    if (board->battery.low)
        board->table[BOARD_ERRORS] |= LOW_BATTERY;
}

void safety_reset(struct board *board)
{
    safety_set_power(board, 0);
    board->table[BOARD_ERRORS] = 0;
}

void safety_beat(struct board *board)
{
    board->heartbeat_changed_ms = board->now_ms;
}

bool safety_may_power(struct board *board)
{
    const uint8_t needed = BUTTON_ENABLE | BUTTON_POWER_SWITCH;
    safety_beat(board); /* whoever asks for power lives, and gets the whole time-out for the first change */
    bool healthy = !(board->table[BOARD_ERRORS] & ~LOW_BATTERY) && !board->temperature.hot && !board->supply_low;
    return healthy && (board->buttons.stable & needed) == needed;
}
