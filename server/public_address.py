"""The address under which visitors' phones reach this server."""

from __future__ import annotations

import ipaddress


class NoPublicAddressError(Exception):
    """Nobody told the address, and the one in use means another machine on every machine."""


def public_address(told: str | None, scheme: str, host: str, port: int | None) -> str:
    """The address to give to phones, without a slash at its end.

    Args:
        told: what the operator says it is, if anything.
        scheme: of the request that is being answered.
        host: its host, as the station's browser named it.
        port: its port, if it was named.

    Raises:
        NoPublicAddressError: if nothing was told and the host is a loopback address.
    """
    if told is not None:
        return told.rstrip("/")
    if is_loopback(host):
        raise NoPublicAddressError(
            f"no phone reaches {host}: start the server with --public-url, or open the page by the server's address"
        )
    named = f"[{host}]" if ":" in host else host
    return f"{scheme}://{named}" if port is None else f"{scheme}://{named}:{port}"


def is_loopback(host: str) -> bool:
    """Whether an address or a name means the machine itself."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
