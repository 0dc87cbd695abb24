"""How a server is reached, and how its first operator comes in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from server.security.codes import CodeText


@dataclass(frozen=True, slots=True)
class TlsFiles:
    """PEM files: the certificate with its chain, and its key."""

    certificate: Path
    key: Path


@dataclass(frozen=True, slots=True)
class AccessOptions:
    """What goes with a server that others than its starter can reach.

    Attributes:
        tls: None for plain HTTP, on loopback or behind a proxy that has TLS.
        trusted_proxies: addresses, or networks, whose X-Forwarded-For and X-Forwarded-Proto are believed.
        is_open_on_loopback: stations on this machine need no code.
        operator_code: for a new operator or a new password; None for a random one while there is no operator.
        tell: gets the server's URL and a random code, if there is one, for whoever started the server.
    """

    tls: TlsFiles | None = None
    trusted_proxies: tuple[str, ...] = ()
    is_open_on_loopback: bool = False
    operator_code: CodeText | None = None
    tell: Callable[[str, str], None] = lambda *_: None
