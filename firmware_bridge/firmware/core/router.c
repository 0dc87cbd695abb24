/* Routes packets between host and motors; see router.h. */
#include "router.h"

#include "bytes.h"
#include "device.h"
#include "groups.h"
#include "safety.h"

enum { PREDECESSOR_PATIENCE_MS = 10 };

void router_forward_raw(struct board *board)
{
    queue_put(&board->to_bus, board->host.parser.buffer, board->host.parser.raw_size, STOP_RESERVE);
}

void router_forward(struct board *board, const struct packet *packet)
{
    uint8_t encoded[PACKET_MAX_ENCODED_SIZE];
    queue_put(&board->to_bus, encoded, packet_encode(packet, encoded), STOP_RESERVE);
}

bool router_refuses(const struct board *board, uint16_t address, size_t size)
{
    return !board->table[BOARD_MOTOR_POWER] && address < MOTOR_GOALS_END && address + size > MOTOR_GOALS_START;
}

/* Count a question that a motor has to answer. */
static void note_question(struct board *board, const struct packet *packet)
{
    bool group_read = packet->instruction == INSTRUCTION_SYNC_READ || packet->instruction == INSTRUCTION_BULK_READ;
    if (!board->table[BOARD_MOTOR_POWER] || !(packet->id == ID_LEFT || packet->id == ID_RIGHT || group_read))
        return;
    if (board->silence.questions == 0)
        board->silence.since_ms = board->now_ms;
    if (board->silence.questions < BUS_SILENCE_QUESTIONS)
        board->silence.questions++;
}

static void route_unicast(struct board *board, const struct packet *packet)
{
    const uint8_t *parameters = packet->parameters;
    bool writes = packet->instruction == INSTRUCTION_WRITE || packet->instruction == INSTRUCTION_REG_WRITE;
    if (packet->id == ID_BOARD) {
        device_answer(board, packet);
        return;
    }
    if (writes && packet->parameter_count > 2
        && router_refuses(board, bytes_get_u16(parameters), packet->parameter_count - 2u))
        return; /* motors without power are silent, too */
    note_question(board, packet);
    router_forward_raw(board);
}

static void release_held(struct board *board)
{
    if (board->held.waiting) {
        board->held.waiting = false;
        device_answer_read(board, board->held.address, board->held.size);
    }
}

void router_from_host(struct board *board, const struct packet *packet)
{
    release_held(board); /* the host has not waited for it */
    if (packet->id != ID_BOARD)
        board->forwarded++;
    switch (packet->instruction) {
    case INSTRUCTION_PING:
        if (packet->id == ID_BOARD || packet->id == ID_BROADCAST)
            device_answer_ping(board);
        if (packet->id != ID_BOARD) {
            note_question(board, packet);
            router_forward_raw(board);
        }
        break;
    case INSTRUCTION_SYNC_READ:
    case INSTRUCTION_BULK_READ:
        note_question(board, packet);
        groups_read(board, packet);
        break;
    case INSTRUCTION_SYNC_WRITE:
    case INSTRUCTION_BULK_WRITE:
        groups_write(board, packet);
        break;
    case INSTRUCTION_STATUS:
        break; /* only motors answer */
    default:
        route_unicast(board, packet);
    }
}

void router_from_bus(struct board *board, const struct packet *packet)
{
    if (packet->instruction != INSTRUCTION_STATUS || packet->id == ID_BOARD)
        return;
    board->bus_packets++;
    board->silence.questions = 0;
    queue_put(&board->to_host, board->bus.parser.buffer, board->bus.parser.raw_size, 0);
    if (board->held.waiting) {
        board->held.since_ms = board->now_ms;
        if (--board->held.predecessors == 0)
            release_held(board);
    }
}

void router_tick(struct board *board)
{
    if (board->now_ms - board->held.since_ms > PREDECESSOR_PATIENCE_MS)
        release_held(board);
}
