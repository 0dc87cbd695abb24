/* Little-endian numbers and copies of bytes; there is no libc on the board. */
#ifndef CORE_BYTES_H
#define CORE_BYTES_H

#include <stddef.h>
#include <stdint.h>

static inline uint16_t bytes_get_u16(const uint8_t *from)
{
    return (uint16_t)(from[0] | from[1] << 8);
}

static inline void bytes_put_u16(uint8_t *to, uint16_t value)
{
    to[0] = (uint8_t)value;
    to[1] = (uint8_t)(value >> 8);
}

static inline void bytes_put_u32(uint8_t *to, uint32_t value)
{
    bytes_put_u16(to, (uint16_t)value);
    bytes_put_u16(to + 2, (uint16_t)(value >> 16));
}

/* Also for areas that overlap, if `to` is below `from`. */
static inline void bytes_copy(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t k = 0; k < size; k++)
        to[k] = from[k];
}

#endif
