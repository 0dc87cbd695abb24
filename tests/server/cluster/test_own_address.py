"""A server's own address in a network."""

import ipaddress

import pytest
from typer.testing import CliRunner

from pixelopolis.cli import app
from pixelopolis.errors import UsageError
from server.cluster.own_address import address_in


def test_the_address_in_a_network_is_found() -> None:
    assert address_in(ipaddress.ip_network("127.0.0.0/8")) == "127.0.0.1"


def test_a_network_without_an_address_of_this_machine_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"no address in 198\.51\.100\.0/24"):
        address_in(ipaddress.ip_network("198.51.100.0/24"))


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--cluster-network", "10.0.0.7/8"], "--cluster-network 10.0.0.7/8"),
        (["--cluster-network", "198.51.100.0/24"], "no address in"),
        (["--cluster-network", "127.0.0.0/8", "--port", "0"], "needs a --port"),
        (["--cluster-network", "127.0.0.0/8", "--cluster-url", "http://a:1"], "exclude each other"),
    ],
)
def test_what_cannot_be_is_said(options: list[str], words: str) -> None:
    result = CliRunner().invoke(app, ["server", "--store", "sqlite::memory:", *options])
    assert isinstance(result.exception, UsageError)
    assert words in str(result.exception)
