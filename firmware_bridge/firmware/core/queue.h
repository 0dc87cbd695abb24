/* Bytes that wait to be sent; takes whole packets only, as half a packet is worse than none. */
#ifndef CORE_QUEUE_H
#define CORE_QUEUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { QUEUE_CAPACITY = 1024 };

struct queue {
    uint8_t bytes[QUEUE_CAPACITY];
    size_t first; /* the oldest byte's place */
    size_t size;  /* how many wait */
};

/* Append all of it, if `reserve` bytes stay free then; returns whether it was appended. */
bool queue_put(struct queue *queue, const uint8_t *data, size_t size, size_t reserve);

/* Take out up to `size` bytes; returns how many. */
size_t queue_take(struct queue *queue, uint8_t *to, size_t size);

#endif
