/* Finds Protocol 2.0 packets in a stream of bytes; see parser.h. */
#include "parser.h"

#include "bytes.h"

static void drop(struct parser *parser, size_t count)
{
    parser->size -= count;
    bytes_copy(parser->buffer, parser->buffer + count, parser->size);
}

static void drop_found(struct parser *parser)
{
    drop(parser, parser->raw_size);
    parser->raw_size = 0;
}

size_t parser_add(struct parser *parser, const uint8_t *data, size_t size)
{
    drop_found(parser);
    size_t room = sizeof parser->buffer - parser->size;
    size_t taken = size < room ? size : room;
    bytes_copy(parser->buffer + parser->size, data, taken);
    parser->size += taken;
    return taken;
}

/* Where a header, or the beginning of one at the buffer's end, is; the buffer's size if nowhere. */
static size_t find_header(const struct parser *parser, size_t from)
{
    for (size_t start = from; start < parser->size; start++) {
        size_t k = 0;
        while (k < PACKET_HEADER_SIZE && start + k < parser->size && parser->buffer[start + k] == packet_header[k])
            k++;
        if (k == PACKET_HEADER_SIZE || start + k == parser->size)
            return start;
    }
    return parser->size;
}

static void take(struct parser *parser, struct packet *packet)
{
    uint8_t body[PACKET_MAX_LENGTH];
    size_t stuffed_size = parser->raw_size - PACKET_PREFIX_SIZE - PACKET_CRC_SIZE;
    size_t size = packet_unstuff(body, parser->buffer + PACKET_PREFIX_SIZE, stuffed_size);
    packet->id = parser->buffer[4];
    packet->instruction = body[0];
    packet->parameter_count = (uint16_t)(size - 1);
    bytes_copy(packet->parameters, body + 1, size - 1);
}

bool parser_next(struct parser *parser, struct packet *packet)
{
    drop_found(parser);
    size_t skipped = 0; /* one that is broken is skipped by a byte only: a true header may stand inside */
    for (;;) {
        drop(parser, find_header(parser, skipped));
        skipped = 1;
        if (parser->size < PACKET_PREFIX_SIZE)
            return false;
        size_t length = bytes_get_u16(parser->buffer + 5);
        if (length < PACKET_MIN_LENGTH || length > PACKET_MAX_LENGTH)
            continue;
        size_t raw_size = PACKET_PREFIX_SIZE + length;
        if (parser->size < raw_size)
            return false;
        size_t checked = raw_size - PACKET_CRC_SIZE;
        if (packet_crc16(parser->buffer, checked) == bytes_get_u16(parser->buffer + checked)) {
            parser->raw_size = raw_size;
            take(parser, packet);
            return true;
        }
        parser->crc_errors++;
    }
}

bool parser_pending(const struct parser *parser)
{
    return parser->size > parser->raw_size;
}

void parser_drop_partial(struct parser *parser)
{
    parser->size = 0;
    parser->raw_size = 0;
}
