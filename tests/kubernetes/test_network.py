"""Who may call whom, by the network policies."""

from __future__ import annotations

import pytest

from tests.kubernetes.manifests import Object, all_objects, container_of, found

DATABASE = 27017
POLICIES = [each["spec"] for each in all_objects() if each["kind"] == "NetworkPolicy"]
Labels = dict[str, str]

SERVER, CAR, SIMULATOR = ({"app.kubernetes.io/name": name} for name in ("server", "car", "simulator"))
ELSEWHERE: Labels = {"app.kubernetes.io/name": "some-database"}


def ports_open(way: str, of: Labels, towards: Labels, port: int) -> bool:
    """Whether a pod's policies let it call ("egress") or be called by ("ingress") another pod of its namespace."""
    peers = "to" if way == "egress" else "from"
    mine = [
        policy for policy in POLICIES if way.capitalize() in policy["policyTypes"] and fits(policy["podSelector"], of)
    ]
    assert mine, "whom no policy names may do everything"
    return any(
        is_port(rule, port) and (peers not in rule or any(is_peer(peer, towards) for peer in rule[peers]))
        for policy in mine
        for rule in policy.get(way, [])
    )


def fits(selector: Object, labels: Labels) -> bool:
    assert set(selector) <= {"matchLabels"}
    return bool(selector.get("matchLabels", {}).items() <= labels.items())


def is_port(rule: Object, port: int) -> bool:
    return any(each["port"] <= port <= each.get("endPort", each["port"]) for each in rule["ports"])


def is_peer(peer: Object, labels: Labels) -> bool:
    return "podSelector" in peer and fits(peer["podSelector"], labels)


def may_call(caller: Labels, called: Labels, port: int) -> bool:
    return ports_open("egress", caller, called, port) and ports_open("ingress", called, caller, port)


def test_what_must_be_reached_is() -> None:
    server = container_of(found("Deployment", "server"))["ports"][0]["containerPort"]
    car = container_of(found("StatefulSet", "car"))["ports"][0]["containerPort"]
    cameras, first_board, _ = (each["containerPort"] for each in container_of(found("Job", "simulator"))["ports"])
    assert may_call(SERVER, SERVER, server)
    assert may_call(CAR, SERVER, server)
    assert may_call(SERVER, CAR, car)
    assert may_call(CAR, SIMULATOR, cameras)
    assert may_call(CAR, SIMULATOR, first_board)
    assert may_call(CAR, SIMULATOR, first_board + 63), "as many cars as a simulator has"
    assert ports_open("egress", SERVER, ELSEWHERE, DATABASE)


@pytest.mark.parametrize("caller", [CAR, SIMULATOR], ids=["car", "simulator"])
def test_only_servers_reach_a_database(caller: Labels) -> None:
    for database in (ELSEWHERE, SERVER, CAR, SIMULATOR):
        assert not ports_open("egress", caller, database, DATABASE)


def test_nobody_gets_the_truth_from_the_simulator() -> None:
    control = container_of(found("Job", "simulator"))["ports"][2]
    assert control["name"] == "control"
    for caller in (SERVER, CAR, ELSEWHERE):
        assert not ports_open("ingress", SIMULATOR, caller, control["containerPort"])


def test_cars_do_not_reach_each_other_nor_the_simulator_anybody() -> None:
    for port in (5355, 8080):
        assert not may_call(CAR, CAR, port)
        assert not ports_open("egress", SIMULATOR, SERVER, port)
