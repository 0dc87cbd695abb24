/* Dynamixel Protocol 2.0 packets: numbers, CRC-16, byte stuffing, encoding. Source: ROBOTIS e-manual. */
#ifndef CORE_PACKET_H
#define CORE_PACKET_H

#include <stddef.h>
#include <stdint.h>

enum packet_ids { ID_BOARD = 200, ID_LEFT = 1, ID_RIGHT = 2, ID_BROADCAST = 254 };

enum packet_instructions {
    INSTRUCTION_PING = 0x01,
    INSTRUCTION_READ = 0x02,
    INSTRUCTION_WRITE = 0x03,
    INSTRUCTION_REG_WRITE = 0x04,
    INSTRUCTION_STATUS = 0x55,
    INSTRUCTION_SYNC_READ = 0x82,
    INSTRUCTION_SYNC_WRITE = 0x83,
    INSTRUCTION_BULK_READ = 0x92,
    INSTRUCTION_BULK_WRITE = 0x93
};

/* Error numbers of a status packet; ERROR_ALERT is added while the board has a latched error. */
enum packet_errors {
    ERROR_NONE = 0,
    ERROR_RESULT_FAIL = 1,
    ERROR_INSTRUCTION = 2,
    ERROR_DATA_RANGE = 4,
    ERROR_DATA_LENGTH = 5,
    ERROR_ACCESS = 7,
    ERROR_ALERT = 0x80
};

enum {
    PACKET_HEADER_SIZE = 4,
    PACKET_PREFIX_SIZE = 7, /* header, id, length */
    PACKET_CRC_SIZE = 2,
    PACKET_MIN_LENGTH = 3,   /* of the length field: instruction and CRC */
    PACKET_MAX_LENGTH = 249, /* a received packet fits 256 bytes */
    PACKET_MAX_SIZE = PACKET_PREFIX_SIZE + PACKET_MAX_LENGTH,
    PACKET_MAX_PARAMETERS = PACKET_MAX_LENGTH - PACKET_MIN_LENGTH,
    /* A body of nothing but FF FF FD grows by a third. */
    PACKET_MAX_ENCODED_SIZE = PACKET_MAX_SIZE + (PACKET_MAX_PARAMETERS + 1) / 3
};

struct packet {
    uint8_t id;
    uint8_t instruction;
    uint16_t parameter_count;
    uint8_t parameters[PACKET_MAX_PARAMETERS]; /* without stuffing */
};

extern const uint8_t packet_header[PACKET_HEADER_SIZE];

/* CRC-16, polynomial 0x8005, start value 0. */
uint16_t packet_crc16(const uint8_t *data, size_t size);

/* Remove stuffing: FF FF FD FD becomes FF FF FD. `to` holds `size` bytes and may be `from`; returns how many it got. */
size_t packet_unstuff(uint8_t *to, const uint8_t *from, size_t size);

/* The packet's bytes, stuffed, with CRC; `to` holds PACKET_MAX_ENCODED_SIZE bytes. Returns how many it got. */
size_t packet_encode(const struct packet *packet, uint8_t *to);

#endif
