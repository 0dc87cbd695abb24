/* Group reads and writes; see groups.h. */
#include "groups.h"

#include "bytes.h"
#include "device.h"
#include "router.h"

enum { SYNC_PREFIX = 4, BULK_READ_PART = 5, BULK_WRITE_PREFIX = 5 };

static void append(struct packet *packet, const uint8_t *data, size_t size)
{
    bytes_copy(packet->parameters + packet->parameter_count, data, size);
    packet->parameter_count = (uint16_t)(packet->parameter_count + size);
}

static void answer_in_turn(struct board *board, uint8_t predecessors, const uint8_t *address_and_size)
{
    uint16_t address = bytes_get_u16(address_and_size);
    uint16_t size = bytes_get_u16(address_and_size + 2);
    if (predecessors == 0 || !board->table[BOARD_MOTOR_POWER]) {
        device_answer_read(board, address, size);
        return;
    }
    board->held = (struct held_answer){
        .waiting = true,
        .predecessors = predecessors,
        .address = address,
        .size = size,
        .since_ms = board->now_ms,
    };
}

void groups_read(struct board *board, const struct packet *packet)
{
    bool sync = packet->instruction == INSTRUCTION_SYNC_READ;
    size_t prefix = sync ? SYNC_PREFIX : 0;
    size_t part_size = sync ? 1 : BULK_READ_PART;
    const uint8_t *parameters = packet->parameters;
    struct packet rest = {.id = packet->id, .instruction = packet->instruction};
    uint8_t predecessors = 0;
    bool asked = false;
    if (packet->parameter_count < prefix) {
        router_forward_raw(board);
        return;
    }
    append(&rest, parameters, prefix);
    for (size_t k = prefix; k + part_size <= packet->parameter_count; k += part_size) {
        if (parameters[k] != ID_BOARD) {
            append(&rest, parameters + k, part_size);
            predecessors = (uint8_t)(predecessors + !asked);
        } else if (!asked) { /* a device stands in a list once */
            asked = true;
            answer_in_turn(board, predecessors, sync ? parameters : parameters + k + 1);
        }
    }
    if (!asked)
        router_forward_raw(board);
    else if (rest.parameter_count > prefix)
        router_forward(board, &rest);
}

/* One device's part of a group write. */
struct write_part {
    const uint8_t *bytes; /* of the whole part, as it stands in the packet */
    size_t part_size;
    uint8_t id;
    uint16_t address;
    const uint8_t *data;
    size_t size;
};

/* The part at `*at`, which then is the next one's place; false at the end, and where the packet ends within a part. */
static bool next_part(const struct packet *packet, size_t *at, struct write_part *part)
{
    bool sync = packet->instruction == INSTRUCTION_SYNC_WRITE;
    size_t part_prefix = sync ? 1 : BULK_WRITE_PREFIX;
    const uint8_t *bytes = packet->parameters + *at;
    if (*at + part_prefix > packet->parameter_count)
        return false;
    const uint8_t *address_and_size = sync ? packet->parameters : bytes + 1;
    size_t size = bytes_get_u16(address_and_size + 2);
    if (*at + part_prefix + size > packet->parameter_count)
        return false;
    *part = (struct write_part){
        .bytes = bytes,
        .part_size = part_prefix + size,
        .id = bytes[0],
        .address = bytes_get_u16(address_and_size),
        .data = bytes + part_prefix,
        .size = size,
    };
    *at += part->part_size;
    return true;
}

void groups_write(struct board *board, const struct packet *packet)
{
    size_t prefix = packet->instruction == INSTRUCTION_SYNC_WRITE ? SYNC_PREFIX : 0;
    struct packet rest = {.id = packet->id, .instruction = packet->instruction};
    struct write_part part;
    if (packet->parameter_count < prefix)
        return;
    append(&rest, packet->parameters, prefix);
    /* The board's part first: when it switches the power off, no goal may follow the order to stop. */
    for (size_t at = prefix; next_part(packet, &at, &part);) {
        if (part.id == ID_BOARD)
            device_write(board, part.address, part.data, part.size);
    }
    for (size_t at = prefix; next_part(packet, &at, &part);) {
        if (part.id != ID_BOARD && !router_refuses(board, part.address, part.size))
            append(&rest, part.bytes, part.part_size);
    }
    if (rest.parameter_count == packet->parameter_count)
        router_forward_raw(board);
    else if (rest.parameter_count > prefix)
        router_forward(board, &rest);
}
