/* The main loop: joins the core and the hardware layer. */
#ifndef CORE_LOOP_H
#define CORE_LOOP_H

/* Start the board, with everything off. */
void loop_start(void);

/* One round; never waits. */
void loop_once(void);

#endif
