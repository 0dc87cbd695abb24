"""TLS by two files, and proxies that are believed only where that was said."""

from __future__ import annotations

import ssl
from pathlib import Path

import httpx
import pytest
import trustme
from websockets.asyncio.client import connect

from fleet.access import Role
from fleet.messages import Hello
from server.access_options import AccessOptions, TlsFiles
from server.serve import ServerOptions, serve
from tests.server.camera import Camera, viewer
from tests.server.conftest import running_server
from tests.server.keys import bearer, operator_key

PROXY = {"X-Forwarded-For": "198.51.100.7", "X-Forwarded-Proto": "https"}


@pytest.fixture
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture
def tls(authority: trustme.CA, tmp_path: Path) -> TlsFiles:
    issued = authority.issue_cert("127.0.0.1")
    files = TlsFiles(tmp_path / "certificate.pem", tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(files.certificate)
    issued.private_key_pem.write_to_path(files.key)
    return files


async def test_pages_and_links_over_tls(authority: trustme.CA, tls: TlsFiles) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    async with (
        running_server(options=AccessOptions(tls=tls)) as server,
        httpx.AsyncClient(base_url=server.url, verify=trusting, trust_env=False) as http,
    ):
        assert (await http.get("/")).headers["strict-transport-security"] == "max-age=31536000"
        code = await server.context.access.enrolment.issue_code(Role.OPERATOR, None, "tester")
        body = {"name": "alice", "code": code.code, "password": "a sentence that nobody guesses"}
        assert "Secure" in (await http.post("/api/operators", json=body)).headers["set-cookie"]
        key = await server.enrolled(Role.CAR, "car-1")
        async with connect(server.link_url, ssl=trusting, proxy=None, additional_headers=key):
            pass


async def test_live_video_over_tls(authority: trustme.CA, tls: TlsFiles) -> None:
    trusting = ssl.create_default_context()
    authority.configure_trust(trusting)
    camera = Camera()
    await camera.start()
    async with (
        running_server(options=AccessOptions(tls=tls)) as server,
        httpx.AsyncClient(base_url=server.url, verify=trusting, trust_env=False) as http,
    ):
        key = await server.enrolled(Role.CAR, "car-1")
        async with connect(server.link_url, ssl=trusting, proxy=None, additional_headers=key) as link:
            await link.send(Hello(car_id="car-1", device_id="board-1", stream_url=camera.url).model_dump_json())
            await link.recv()
            http.headers.update(bearer(operator_key(server.url) or ""))
            async with viewer(http, "overlay=off") as numbers:
                async for _ in numbers:
                    if len(camera.queries) == 2:
                        break
    await camera.stop()
    assert camera.queries == ["size=coarse&overlay=off", "size=full&overlay=off"], "it is known to keep up"


async def test_plain_http_asks_for_no_tls(http: httpx.AsyncClient) -> None:
    assert "strict-transport-security" not in (await http.get("/")).headers


async def test_a_certificate_that_cannot_be_used_is_named(tls: TlsFiles, tmp_path: Path) -> None:
    (tmp_path / "letter.pem").write_text("this is a letter, no certificate")
    for files in (TlsFiles(tmp_path / "letter.pem", tls.key), TlsFiles(tls.certificate, tmp_path / "none.pem")):
        with pytest.raises(OSError, match=f"TLS with {files.certificate} and {files.key}"):
            await serve(
                ServerOptions("pixelopolis", "sqlite::memory:", "127.0.0.1", 0, access=AccessOptions(tls=files))
            )


@pytest.mark.parametrize(("trusted", "is_believed"), [((), False), (("127.0.0.1",), True), (("192.0.2.0/24",), False)])
async def test_a_proxy_is_believed_where_that_was_said(
    caplog: pytest.LogCaptureFixture, trusted: tuple[str, ...], is_believed: bool
) -> None:
    async with (
        running_server(options=AccessOptions(trusted_proxies=trusted)) as server,
        httpx.AsyncClient(base_url=server.url, headers=PROXY, trust_env=False) as http,
    ):
        await http.post("/api/sessions", json={"name": "alice", "password": "guess"})
    words = [record.getMessage() for record in caplog.records if "password" in record.getMessage()]
    address = "198.51.100.7" if is_believed else "127.0.0.1"
    assert words == [f"/api/sessions from {address}: name or password is wrong"]
