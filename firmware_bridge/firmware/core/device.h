/* Device 200: the board's own control table, and its answers to the host. */
#ifndef CORE_DEVICE_H
#define CORE_DEVICE_H

#include "board.h"

/* Answer an instruction that is for the board alone. */
void device_answer(struct board *board, const struct packet *packet);

/* Answer a ping: model number and firmware version. */
void device_answer_ping(struct board *board);

/* Answer a read of `size` bytes from `address` on. */
void device_answer_read(struct board *board, uint16_t address, uint16_t size);

/* Write registers, all or none of them, without an answer; returns a number of packet_errors. */
uint8_t device_write(struct board *board, uint16_t address, const uint8_t *data, size_t size);

#endif
