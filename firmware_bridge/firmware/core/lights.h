/* The status LED: the host's when it asks for it, else a sign of the board's state. */
#ifndef CORE_LIGHTS_H
#define CORE_LIGHTS_H

#include "board.h"

/* Whether the status LED is lit. On: LED register set, or motors powered. Slow blinking: idle. Fast: an error. */
bool lights_status(const struct board *board);

#endif
