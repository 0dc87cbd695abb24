/* Group reads and writes: the board does its own part, and the motors get the rest. */
#ifndef CORE_GROUPS_H
#define CORE_GROUPS_H

#include "board.h"

/* A sync or bulk read. The board answers in its turn: at once if it stands first, else after its predecessors. */
void groups_read(struct board *board, const struct packet *packet);

/* A sync or bulk write. Parts that would set goals while the motors have no power are left out, as are broken ones. */
void groups_write(struct board *board, const struct packet *packet);

#endif
