/* Dynamixel Protocol 2.0 packets; see packet.h. */
#include "packet.h"

#include <stdbool.h>

#include "bytes.h"

const uint8_t packet_header[PACKET_HEADER_SIZE] = {0xFF, 0xFF, 0xFD, 0x00};

/* CRC of each four bits. At 16 MHz and 1 Mbaud a byte is on the wire for 160 clocks only, and there are two lines: bit
 * by bit would be too slow. */
static const uint16_t crc_of_nibble[16] = {
    0x0000, 0x8005, 0x800F, 0x000A, 0x801B, 0x001E, 0x0014, 0x8011,
    0x8033, 0x0036, 0x003C, 0x8039, 0x0028, 0x802D, 0x8027, 0x0022,
};

static uint16_t crc_step(uint16_t crc, uint8_t nibble)
{
    return (uint16_t)(crc << 4 ^ crc_of_nibble[crc >> 12 ^ nibble]);
}

uint16_t packet_crc16(const uint8_t *data, size_t size)
{
    uint16_t crc = 0;
    for (size_t k = 0; k < size; k++) {
        crc = crc_step(crc, data[k] >> 4);
        crc = crc_step(crc, data[k] & 0x0F);
    }
    return crc;
}

static bool is_header_like(const uint8_t *at)
{
    return at[0] == 0xFF && at[1] == 0xFF && at[2] == 0xFD;
}

size_t packet_unstuff(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t written = 0;
    size_t k = 0;
    while (k < size) {
        bool stuffed = k + 4 <= size && is_header_like(from + k) && from[k + 3] == 0xFD;
        size_t kept = stuffed ? 3 : 1;
        bytes_copy(to + written, from + k, kept);
        written += kept;
        k += stuffed ? 4 : 1;
    }
    return written;
}

/* The instruction is part of what is stuffed, but none that is used can begin FF FF FD. */
static size_t stuff(uint8_t *to, const uint8_t *from, size_t size)
{
    size_t written = 0;
    size_t k = 0;
    while (k < size) {
        bool to_stuff = k + 3 <= size && is_header_like(from + k);
        size_t kept = to_stuff ? 3 : 1;
        bytes_copy(to + written, from + k, kept);
        written += kept;
        k += kept;
        if (to_stuff)
            to[written++] = 0xFD;
    }
    return written;
}

size_t packet_encode(const struct packet *packet, uint8_t *to)
{
    bytes_copy(to, packet_header, PACKET_HEADER_SIZE);
    to[4] = packet->id;
    to[7] = packet->instruction;
    size_t stuffed = stuff(to + 8, packet->parameters, packet->parameter_count);
    size_t size = 8 + stuffed;
    bytes_put_u16(to + 5, (uint16_t)(1 + stuffed + PACKET_CRC_SIZE));
    bytes_put_u16(to + size, packet_crc16(to, size));
    return size + PACKET_CRC_SIZE;
}
