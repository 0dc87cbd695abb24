/* Finds Protocol 2.0 packets in a stream of bytes; garbage and broken packets are skipped and counted.
 *
 * Use: while bytes are left, `parser_add` as many as it takes, then `parser_next` until it finds no more.
 */
#ifndef CORE_PARSER_H
#define CORE_PARSER_H

#include <stdbool.h>

#include "packet.h"

struct parser {
    uint8_t buffer[PACKET_MAX_SIZE];
    size_t size;         /* bytes in the buffer */
    size_t raw_size;     /* the packet that was found last still stands there, as it came */
    uint32_t crc_errors; /* packets whose CRC was wrong */
};

/* Take bytes; returns how many, which is at least one if there were any and `parser_next` finds nothing more. */
size_t parser_add(struct parser *parser, const uint8_t *data, size_t size);

/* Find the next whole packet. Its raw bytes are `buffer[0..raw_size]` until the next call of any of these functions. */
bool parser_next(struct parser *parser, struct packet *packet);

/* Whether a part of a packet waits for its rest. */
bool parser_pending(const struct parser *parser);

/* Forget the beginning of a packet whose rest did not come. */
void parser_drop_partial(struct parser *parser);

#endif
