/* The status LED; see lights.h. */
#include "lights.h"

enum { SLOW_HALF_PERIOD_MS = 500, FAST_HALF_PERIOD_MS = 100 };

bool lights_status(const struct board *board)
{
    uint32_t uptime_ms = board->now_ms - board->started_ms;
    if (board->table[BOARD_LED])
        return true;
    if (board->table[BOARD_ERRORS])
        return uptime_ms / FAST_HALF_PERIOD_MS % 2 == 0;
    if (board->power.pin)
        return true;
    return uptime_ms / SLOW_HALF_PERIOD_MS % 2 == 0;
}
