/* TCP ports on this machine, one peer each, for the host build. */
#ifndef HOST_SOCKETS_H
#define HOST_SOCKETS_H

#include <stddef.h>
#include <stdint.h>

struct tcp_port {
    int listener;
    int peer; /* -1: nobody */
    int number;
};

/* Listen on 127.0.0.1, at a port that is free if `number` is 0; ends the program with a message if that fails. */
void tcp_listen(struct tcp_port *port, int number);

/* Let in whoever has come; the newest peer takes over from an older one. */
void tcp_accept(struct tcp_port *port);

/* Bytes that have come; returns how many. A peer that has gone is forgotten. */
size_t tcp_read(struct tcp_port *port, uint8_t *to, size_t size);

/* Send bytes; lost if nobody is there. */
void tcp_write(struct tcp_port *port, const uint8_t *data, size_t size);

#endif
