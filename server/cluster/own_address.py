"""Where a server's fellows reach it, where a network gives out the addresses."""

from __future__ import annotations

import ipaddress
import socket

Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_ANY_PORT = 9


def address_in(network: Network) -> str:
    """This machine's address in a network; in brackets if it is one of IPv6.

    Raises:
        ValueError: if it has none; names the network.
    """
    family = socket.AF_INET6 if network.version == 6 else socket.AF_INET
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((str(network[1]), _ANY_PORT))  # connecting UDP sends nothing
        except OSError as error:
            raise ValueError(f"this machine has no address in {network} ({error.strerror})") from error
        address = str(probe.getsockname()[0])
    if ipaddress.ip_address(address) not in network:
        raise ValueError(f"this machine has no address in {network}; it would go there from {address}")
    return f"[{address}]" if network.version == 6 else address
