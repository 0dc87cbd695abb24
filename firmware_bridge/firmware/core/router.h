/* Routes packets between host and motors, and hands the board its own. */
#ifndef CORE_ROUTER_H
#define CORE_ROUTER_H

#include "board.h"

/* A whole packet from the host; its raw bytes stand in the host line's parser. */
void router_from_host(struct board *board, const struct packet *packet);

/* A whole packet from the motors; its raw bytes stand in the bus line's parser. */
void router_from_bus(struct board *board, const struct packet *packet);

/* Give up waiting for motors that stand before the board in a group read. */
void router_tick(struct board *board);

/* Send the host's packet on to the motors, as it came. */
void router_forward_raw(struct board *board);

/* Send a packet on that was made anew. */
void router_forward(struct board *board, const struct packet *packet);

/* Whether a write would set a motor's goal while the motors have no power. */
bool router_refuses(const struct board *board, uint16_t address, size_t size);

#endif
