/* Reads bytes from stdin, writes each packet found in them as a line "id instruction parameters" in hexadecimal, then
 * the same packet encoded again, and at the end the number of CRC errors. For tests. */
#include <stdio.h>

#include "../core/parser.h"

static void print_hex(const uint8_t *data, size_t size)
{
    for (size_t k = 0; k < size; k++)
        printf("%02x", data[k]);
}

static void print_packet(const struct packet *packet)
{
    uint8_t encoded[PACKET_MAX_ENCODED_SIZE];
    printf("%02x %02x ", packet->id, packet->instruction);
    print_hex(packet->parameters, packet->parameter_count);
    printf(" ");
    print_hex(encoded, packet_encode(packet, encoded));
    printf("\n");
}

int main(void)
{
    static struct parser parser;
    struct packet packet;
    uint8_t chunk[100];
    size_t size;
    while ((size = fread(chunk, 1, sizeof chunk, stdin)) > 0) {
        size_t taken = 0;
        while (taken < size) {
            taken += parser_add(&parser, chunk + taken, size - taken);
            while (parser_next(&parser, &packet))
                print_packet(&packet);
        }
    }
    printf("crc errors %lu\n", (unsigned long)parser.crc_errors);
    return 0;
}
