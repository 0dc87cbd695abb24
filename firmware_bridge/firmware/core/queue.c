/* Bytes that wait to be sent; see queue.h. */
#include "queue.h"

bool queue_put(struct queue *queue, const uint8_t *data, size_t size, size_t reserve)
{
    if (size + reserve > QUEUE_CAPACITY - queue->size)
        return false;
    for (size_t k = 0; k < size; k++)
        queue->bytes[(queue->first + queue->size + k) % QUEUE_CAPACITY] = data[k];
    queue->size += size;
    return true;
}

size_t queue_take(struct queue *queue, uint8_t *to, size_t size)
{
    size_t taken = size < queue->size ? size : queue->size;
    for (size_t k = 0; k < taken; k++)
        to[k] = queue->bytes[(queue->first + k) % QUEUE_CAPACITY];
    queue->first = (queue->first + taken) % QUEUE_CAPACITY;
    queue->size -= taken;
    return taken;
}
