/* What the compiler asks for where there is no libc. Built without the optimisation that would turn these loops into
 * calls of themselves. */
#include <stddef.h>
#include <stdint.h>

void *memcpy(void *restrict to, const void *restrict from, size_t size);
void *memset(void *to, int value, size_t size);

void *memcpy(void *restrict to, const void *restrict from, size_t size)
{
    uint8_t *bytes = to;
    const uint8_t *source = from;
    for (size_t k = 0; k < size; k++)
        bytes[k] = source[k];
    return to;
}

void *memset(void *to, int value, size_t size)
{
    uint8_t *bytes = to;
    for (size_t k = 0; k < size; k++)
        bytes[k] = (uint8_t)value;
    return to;
}
