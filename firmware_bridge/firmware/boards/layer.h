/* The hardware layer's life, besides what the core asks of it (hal.h). */
#ifndef BOARDS_LAYER_H
#define BOARDS_LAYER_H

/* Clocks, pins, lines, converter, watchdog; everything off. */
void layer_start(void);

/* Sleep if there is nothing to do, a millisecond at most. */
void layer_rest(void);

#endif
