"""The demo's operator: enrolled with the server's code, and the link with which somebody else is this operator."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import httpx

from pixelopolis.commands.server import OPERATOR_CODE_VARIABLE
from pixelopolis.demo.keys import DemoKeys
from server.security.codes import CodeText
from tests.server.conftest import running_server


async def test_the_link_to_the_operators_page_logs_in() -> None:
    keys = DemoKeys()
    async with running_server() as server, httpx.AsyncClient(base_url=server.url, trust_env=False) as http:
        code = CodeText.parse(keys.of_server[OPERATOR_CODE_VARIABLE])
        await server.context.access.enrolment.first_code(code)
        await keys.enrol_operator(http)
        link = urlsplit(keys.operators_page(server.url))
        assert (await http.get(f"{link.scheme}://{link.netloc}{link.path}")).status_code == 200
        assert not link.query, "what is secret stands where no server sees it"
        handed = {key: value for key, (value,) in parse_qs(link.fragment).items()}
        assert (await http.post("/api/sessions", json=handed)).status_code == 200
