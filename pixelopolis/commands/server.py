"""`pixelopolis server`: booking, right of way, the page for visitors."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pixelopolis.commands.options import CITY_HELP
from pixelopolis.errors import UsageError
from pixelopolis.logs import LogForm, LogFormOption, set_up_logging
from pixelopolis.traces import TraceToOption, tracer_provider

if TYPE_CHECKING:
    from server.access_options import AccessOptions, TlsFiles
    from server.security.codes import CodeText

OPERATOR_CODE_VARIABLE = "PIXELOPOLIS_OPERATOR_CODE"


def server(
    store: Annotated[
        str | None,
        typer.Option(
            envvar="PIXELOPOLIS_STORE",
            help="sqlite:PATH, sqlite::memory: or mongodb://HOST:PORT/DATABASE; without it, a file of this user's.",
        ),
    ] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port to listen on; 0 picks a free one.")] = 5355,
    city: Annotated[str, typer.Option(help=CITY_HELP)] = "pixelopolis",
    public_url: Annotated[
        str | None,
        typer.Option(help="Where visitors' phones reach this server; without it, where the station's browser does."),
    ] = None,
    cluster_url: Annotated[
        str | None,
        typer.Option(
            help="For several servers on one MongoDB: http://HOST:PORT at which the others reach this one. "
            "One of them leads; all answer."
        ),
    ] = None,
    cluster_network: Annotated[
        str | None,
        typer.Option(
            help="Instead of --cluster-url where addresses are given out: the network, as 10.0.0.0/24, in which the "
            "others reach this server."
        ),
    ] = None,
    tls_certificate: Annotated[
        Path | None, typer.Option(help="PEM file with the certificate and its chain; without it, plain HTTP.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file with the certificate's key.")] = None,
    trust_proxy: Annotated[
        list[str] | None,
        typer.Option(help="Address or network of a proxy that says who calls and how, X-Forwarded-…; may be repeated."),
    ] = None,
    open_on_loopback: Annotated[
        bool, typer.Option("--open-on-loopback", help="Stations on this machine need no code. For trying things out.")
    ] = False,
    log: LogFormOption = LogForm.TEXT,
    trace_to: TraceToOption = None,
) -> None:
    """Serve one city: cars connect to it, visitors open its page."""
    import asyncio

    from server.access_options import AccessOptions
    from server.garbage_collection import spare_long_lived
    from server.serve import ServerOptions, serve
    from server.store.base import StoreError
    from server.store.open import default_store_url

    access = AccessOptions(
        tls=_tls(tls_certificate, tls_key),
        trusted_proxies=_networks(trust_proxy or ()),
        is_open_on_loopback=open_on_loopback,
        operator_code=_operator_code(),
        tell=_tell_first_code,
    )
    if cluster_url is not None and cluster_network is not None:
        raise UsageError("--cluster-url and --cluster-network exclude each other; give one of them")
    set_up_logging(log)
    _check_exposure(host, access)
    options = ServerOptions(
        city,
        store or default_store_url(),
        host,
        port,
        public_url=public_url,
        cluster_url=_checked_url(cluster_url) or _url_in(cluster_network, port, has_tls=access.tls is not None),
        access=access,
        tracing=tracer_provider("pixelopolis-server", trace_to),
    )
    spare_long_lived()
    try:
        asyncio.run(serve(options))
    except StoreError as error:  # at the start only: a server that runs goes on without its store
        raise UsageError(str(error)) from error


def _tls(certificate: Path | None, key: Path | None) -> TlsFiles | None:
    from server.access_options import TlsFiles

    if certificate is None or key is None:
        if certificate is not key:
            raise UsageError("--tls-certificate and --tls-key go together; give both, or none for plain HTTP")
        return None
    return TlsFiles(certificate, key)


def _networks(given: Sequence[str]) -> tuple[str, ...]:
    for network in given:
        try:
            ipaddress.ip_network(network)
        except ValueError as error:
            raise UsageError(f"--trust-proxy {network}: give an address or a network as in 10.0.0.0/8") from error
    return tuple(given)


def _operator_code() -> CodeText | None:
    """A code that whoever starts the server has thought of; other users of the machine cannot read the environment."""
    from server.security.codes import CodeText

    text = os.environ.get(OPERATOR_CODE_VARIABLE)
    if not text:
        return None
    code = CodeText.parse(text)
    if not code.is_whole:
        raise UsageError(f"{OPERATOR_CODE_VARIABLE}: give 12 random letters and digits as in 7K2M-Q4XD-9TRB")
    return code


def _check_exposure(host: str, options: AccessOptions) -> None:
    """Refuse to be open to a network; warn where keys could be read on one."""
    import logging

    from server.public_address import is_loopback

    if is_loopback(host):
        return
    if options.is_open_on_loopback:
        raise UsageError(f"--open-on-loopback is for loopback only, not for --host {host}; leave one of them out")
    if options.tls is None and not options.trusted_proxies:
        logging.getLogger(__name__).warning(
            "%s without TLS: whoever is on this network can read keys and passwords; give --tls-certificate and "
            "--tls-key, or put a proxy that has TLS before it",
            host,
        )


def _tell_first_code(url: str, code: str) -> None:
    typer.echo(
        f"No operator yet. Within an hour, on this machine or another, run:\n"
        f"  pixelopolis operator enrol --server {url} --name YOUR-NAME --code {code}\n"
        f"or open {url}/operators#code={code}\n"
        f"then let stations and cars in, there or with: pixelopolis operator code station|car --server {url}",
        err=True,
    )


def _checked_url(url: str | None) -> str | None:
    if url is not None and not re.fullmatch(r"https?://[^/\s]+", url):
        raise UsageError(f"--cluster-url {url!r}: give http://HOST:PORT, without a path")
    return url


def _url_in(network: str | None, port: int, *, has_tls: bool) -> str | None:
    from server.cluster.own_address import address_in

    if network is None:
        return None
    if port == 0:
        raise UsageError("--cluster-network needs a --port by which the others reach this server, not 0")
    try:
        address = address_in(ipaddress.ip_network(network))
    except ValueError as error:
        raise UsageError(f"--cluster-network {network}: {error}") from error
    return f"{'https' if has_tls else 'http'}://{address}:{port}"
