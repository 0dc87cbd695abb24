"""Every call of a running server, with made-up and with known parameters and bodies, keeps to its own description."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi import checks

from fleet.access import Role
from tests.server.fuzz.server_under_fuzz import EXPENDABLE, ServerUnderFuzz, car_at, server_under_fuzz

# Schemathesis draws some headers with `random`; hypothesis seeds that.
pytestmark = pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")

Operation = schemathesis.APIOperation[Any, Any, Any, Any]
Case = schemathesis.Case[Operation]

CALLERS = (Role.OPERATOR, Role.STATION, Role.CAR, Role.VISITOR)
FEW = {Role.OPERATOR: 2, Role.STATION: 2, Role.CAR: 1, Role.VISITOR: 1}  # of each operation
MANY = int(os.environ.get("PIXELOPOLIS_FUZZ_CALLS", "5000")) // len(CALLERS)
TIMEOUT_S = 10.0
PICTURES = "stream.mjpg"  # without an end, and here without a picture
ENDS_THE_KEY = "DELETE /api/me/session"
REVOKES = "DELETE /api/operator/enrolled/{role}/{name}"
HEAD_CHECKS = [
    not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
]
CHECKS = [*HEAD_CHECKS, checks.response_schema_conformance, checks.negative_data_rejection]
_CONFIG = {
    "max-stream-events": 1,
    "checks": {
        # That the store cannot be reached, or a car has no picture, is declared where it can be.
        "not_a_server_error": {"expected-statuses": ["2xx", "3xx", "4xx", "503"]},
    },
}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServerUnderFuzz]:
    with server_under_fuzz(tmp_path_factory.mktemp("fuzz")) as server, car_at(server):
        yield server


@pytest.fixture(scope="module")
def operations(server: ServerUnderFuzz) -> list[Operation]:
    config = schemathesis.Config.from_dict(_CONFIG)
    schema = schemathesis.openapi.from_url(f"{server.url}/api/openapi.json", config=config)
    return [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]


@pytest.mark.parametrize("caller", CALLERS)
def test_each_call_keeps_to_its_description(server: ServerUnderFuzz, operations: list[Operation], caller: Role) -> None:
    for operation in operations:
        _fuzz(server, [operation], caller, FEW[caller])
    assert server.trouble() == []


@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("caller", CALLERS)
def test_thousands_of_calls_keep_to_their_description(
    server: ServerUnderFuzz, operations: list[Operation], caller: Role
) -> None:
    assert _fuzz(server, operations, caller, MANY) >= MANY
    assert server.is_well()
    assert server.trouble() == []


def _fuzz(server: ServerUnderFuzz, operations: list[Operation], caller: Role, examples: int) -> int:
    """Make so many calls, or as many as there are different ones; returns their number."""
    made = 0

    @settings(max_examples=examples, phases=(Phase.generate, Phase.shrink), database=None)
    @given(st.data())
    def call(data: st.DataObject) -> None:
        nonlocal made
        case = data.draw(_cases(data.draw(st.sampled_from(operations)), server.known))
        _call(server, case, caller)
        made += 1

    call()
    return made


@st.composite
def _cases(draw: st.DrawFn, operation: Operation, known: dict[str, list[str]]) -> Case:
    """A call as it is described, or one that is not; often of what exists."""
    has_words = bool(operation.path_parameters or operation.query or operation.body)
    mode = draw(st.sampled_from(GenerationMode)) if has_words else GenerationMode.POSITIVE
    case = draw(operation.as_strategy(mode))
    if mode is GenerationMode.POSITIVE:
        for part in (case.path_parameters, case.body):
            if isinstance(part, dict):
                part |= {name: draw(st.sampled_from([part[name], *known[name]])) for name in known.keys() & part.keys()}
    return case


def _call(server: ServerUnderFuzz, case: Case, caller: Role) -> None:
    """Make it, by somebody whose key may end where it can, and compare the answer with the description."""
    headers = server.headers(caller)
    if case.operation.label == ENDS_THE_KEY and caller is not Role.VISITOR:
        headers |= server.enrolled(caller, EXPENDABLE)
    if case.operation.label == REVOKES and case.path_parameters.get("name") == EXPENDABLE:
        server.enrolled(Role(case.path_parameters["role"]), EXPENDABLE)
    if case.path.endswith(PICTURES):
        case.validate_response(_head(case, headers), checks=HEAD_CHECKS)
    else:
        case.call_and_validate(headers=headers, timeout=TIMEOUT_S, checks=CHECKS)


def _head(case: Case, headers: dict[str, str]) -> httpx.Response:
    """The answer to a call for pictures, without them."""
    words = case.as_transport_kwargs(headers=headers)
    with (
        httpx.Client(trust_env=False, timeout=TIMEOUT_S) as http,
        http.stream("GET", words["url"], params=words["params"], headers=words["headers"]) as answer,
    ):
        content = b"" if answer.is_success else answer.read()
        head = httpx.Response(
            answer.status_code, headers=answer.headers.multi_items(), content=content, request=answer.request
        )
        head.elapsed = timedelta(0)
        return head
