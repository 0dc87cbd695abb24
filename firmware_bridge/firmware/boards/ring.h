/* Bytes on their way between main loop and interrupt: one side puts, the other takes. */
#ifndef BOARDS_RING_H
#define BOARDS_RING_H

#include <stdbool.h>
#include <stdint.h>

enum { RING_CAPACITY = 512 }; /* a power of two; 5 ms at 1 Mbaud */

struct ring {
    uint8_t bytes[RING_CAPACITY];
    volatile uint32_t put; /* counts on for ever */
    volatile uint32_t taken;
};

static inline uint32_t ring_size(const struct ring *ring)
{
    return ring->put - ring->taken;
}

static inline uint32_t ring_room(const struct ring *ring)
{
    return RING_CAPACITY - ring_size(ring);
}

/* Put a byte; it is lost if there is no room, as on a line. */
static inline void ring_put(struct ring *ring, uint8_t byte)
{
    if (ring_room(ring) == 0)
        return;
    ring->bytes[ring->put % RING_CAPACITY] = byte;
    ring->put = ring->put + 1;
}

/* Take a byte; there has to be one. */
static inline uint8_t ring_take(struct ring *ring)
{
    uint8_t byte = ring->bytes[ring->taken % RING_CAPACITY];
    ring->taken = ring->taken + 1;
    return byte;
}

#endif
