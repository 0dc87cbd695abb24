"""For every code that the server gives, the operators' page has a text."""

from __future__ import annotations

import pytest

from fleet.faults import FaultCode
from server.fleet_control.car_state import NO_ROUTE
from server.fleet_control.operations import ActRefusal
from server.traffic.right_of_way import Refusal
from tests.station.conftest import Run

TRANSLATOR = "const i18n = { t: (key) => key };"


@pytest.mark.parametrize("reason", ActRefusal)
def test_every_refusal_of_an_act(run: Run, reason: ActRefusal) -> None:
    found = run("operators/server_words", f"{TRANSLATOR} return m.refusalWords(i18n, '{reason}')")
    assert found == f"refusal.{reason}"


def test_a_refusal_of_an_unknown_kind_has_none(run: Run) -> None:
    found = run(
        "operators/server_words", f"{TRANSLATOR} return [m.refusalWords(i18n, 'new'), m.refusalWords(i18n, null)]"
    )
    assert found == [None, None]


def test_every_fault_save_those_that_only_words_tell(run: Run) -> None:
    codes = [code for code in FaultCode if code is not FaultCode.OTHER]
    car = {"faults": ["words"] * len(FaultCode), "fault_codes": [*map(str, codes), str(FaultCode.OTHER)]}
    found = run("operators/server_words", f"{TRANSLATOR} return m.allFaultWords(i18n, {car!r})")
    assert found == "; ".join([*(f"fault.{code}" for code in codes), "words"])


@pytest.mark.parametrize("code", [*(refusal.name.lower() for refusal in Refusal), NO_ROUTE])
def test_every_reason_to_wait(run: Run, code: str) -> None:
    car = f"{{ status: 'online', wait_reason: 'words', wait_code: '{code}' }}"
    found = run("operators/car_words", f"{TRANSLATOR} return m.reasonWords(i18n, {car})")
    assert found.startswith("reason.")


def test_a_reason_of_an_unknown_kind_stays_in_the_servers_words(run: Run) -> None:
    car = "{ status: 'online', wait_reason: 'words', wait_code: 'new' }"
    assert run("operators/car_words", f"{TRANSLATOR} return m.reasonWords(i18n, {car})") == "words"
