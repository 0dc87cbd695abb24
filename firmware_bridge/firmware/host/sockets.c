/* TCP ports on this machine; see sockets.h. */
#include "sockets.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void fail(const char *what, int number)
{
    fprintf(stderr, "port %d of 127.0.0.1: %s: %s\n", number, what, strerror(errno));
    exit(1);
}

void tcp_listen(struct tcp_port *port, int number)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)number)};
    socklen_t size = sizeof address;
    const int yes = 1;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    port->peer = -1;
    port->listener = socket(AF_INET, SOCK_STREAM, 0);
    if (port->listener < 0)
        fail("no socket", number);
    setsockopt(port->listener, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    if (bind(port->listener, (struct sockaddr *)&address, size) < 0 || listen(port->listener, 4) < 0)
        fail("cannot listen", number);
    getsockname(port->listener, (struct sockaddr *)&address, &size);
    port->number = ntohs(address.sin_port);
}

static void forget_peer(struct tcp_port *port)
{
    if (port->peer >= 0)
        close(port->peer);
    port->peer = -1;
}

void tcp_accept(struct tcp_port *port)
{
    const int yes = 1;
    int peer = accept(port->listener, NULL, NULL);
    if (peer < 0)
        return;
    forget_peer(port);
    setsockopt(peer, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
    port->peer = peer;
}

size_t tcp_read(struct tcp_port *port, uint8_t *to, size_t size)
{
    if (port->peer < 0)
        return 0;
    ssize_t got = recv(port->peer, to, size, MSG_DONTWAIT);
    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR))
        forget_peer(port);
    return got > 0 ? (size_t)got : 0;
}

void tcp_write(struct tcp_port *port, const uint8_t *data, size_t size)
{
    if (port->peer >= 0) /* what a full buffer cannot take is lost, as on a line */
        send(port->peer, data, size, MSG_DONTWAIT | MSG_NOSIGNAL);
}
