"""What can be said of the files for Docker without Docker: each read as what it is."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from prometheus_client import generate_latest

from city.files import load_city
from server.fleet_control.fleet_state import FleetState
from server.observability.fleet_collector import FleetCollector
from server.observability.metrics import Metrics
from server.store.base import Event

ROOT = Path(__file__).parents[2]
IMAGES = ROOT / "deploy" / "images"
DOCKERFILES = sorted(IMAGES.glob("*.Dockerfile"))
ROLES = {"server": "server mongo tracing", "car": "car", "sim": "sim", "trainer": "sim train"}
BASE = "python:3.11-slim-bookworm"


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
    return loaded


def test_there_is_an_image_for_each_role() -> None:
    assert {path.name.removesuffix(".Dockerfile") for path in DOCKERFILES} == {*ROLES, "proxy", "stand-in-database"}


@pytest.mark.parametrize("path", DOCKERFILES, ids=lambda path: path.name)
def test_images_have_one_base_no_root_and_no_front_end_to_pull(path: Path) -> None:
    text = path.read_text("utf-8")
    assert set(re.findall(r"^FROM (\S+)", text, re.M)) == {BASE}
    assert not re.search(r"^# *syntax", text, re.M)
    users = re.findall(r"^USER (\S+)", text, re.M)
    assert users
    assert users[-1] not in ("root", "0", "0:0")
    assert not re.search(r"^(ARG|ENV) .*_(PASSWORD|SECRET|KEY|CODE)", text, re.M)


@pytest.mark.parametrize("role", [*ROLES, "proxy"])
def test_images_of_the_product_check_their_health(role: str) -> None:
    assert re.search(r"^HEALTHCHECK .*CMD", (IMAGES / f"{role}.Dockerfile").read_text("utf-8"), re.M)


@pytest.mark.parametrize("role", ROLES)
def test_images_are_made_of_constrained_packages_and_list_them(role: str) -> None:
    text = (IMAGES / f"{role}.Dockerfile").read_text("utf-8")
    assert "PIP_CONSTRAINT=/build/constraints.txt" in text
    assert f"requirements.py {ROLES[role]} >" in text
    assert "freeze > /opt/pixelopolis/packages.txt" in text


def requirements(*extras: str) -> str:
    command = [sys.executable, str(IMAGES / "requirements.py"), *extras]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout


def test_a_car_needs_no_tensorflow_no_compiler_and_no_opengl() -> None:
    needed = requirements("car")
    assert "ai-edge-litert" in needed
    assert "pydantic" in needed  # of the project itself
    assert not re.search(r"tensorflow|moderngl|mypy|pytest", needed)
    assert "apt-get" not in (IMAGES / "car.Dockerfile").read_text("utf-8")


def test_an_extra_that_does_not_exist_is_an_error() -> None:
    with pytest.raises(subprocess.CalledProcessError):
        requirements("wings")


def test_secrets_data_and_history_stay_out_of_builds() -> None:
    lines = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    allowed = {line[1:].rstrip("/*") for line in lines if line.startswith("!")}
    assert "*" in lines
    assert not allowed & {".git", ".env", "deploy", "deploy/secrets", "data", "runs", "tests"}


def test_cars_cannot_reach_the_database(compose: dict[str, Any]) -> None:
    networks = {name: set(service.get("networks", ())) for name, service in compose["services"].items()}
    assert networks["mongo"] == {"database"}
    assert "database" not in networks["car"] | networks["sim"] | networks["proxy"]
    assert networks["car"] == {"fleet", "simulator"}
    assert networks["server"] & networks["car"] == {"fleet"}
    assert networks["sim"] == {"simulator"}
    assert compose["networks"]["database"]["internal"]


def test_whoever_is_believed_about_callers_shares_a_network_with_nobody_else(compose: dict[str, Any]) -> None:
    members = {name for name, service in compose["services"].items() if "servers" in service.get("networks", ())}
    assert members == {"server", "proxy"}
    assert f"--trust-proxy={subnet(compose)}" in compose["services"]["server"]["command"]


def subnet(compose: dict[str, Any]) -> str:
    return str(compose["networks"]["servers"]["ipam"]["config"][0]["subnet"])


def test_every_service_has_limits_short_logs_and_no_more_rights_than_it_needs(compose: dict[str, Any]) -> None:
    for name, service in compose["services"].items():
        assert service["deploy"]["resources"]["limits"]["memory"], name
        assert service["logging"]["options"]["max-size"], name
        assert "no-new-privileges:true" in service["security_opt"], name
        assert name == "mongo" or (service["read_only"] and service["cap_drop"] == ["ALL"]), name
        assert service["restart"], name


def test_services_wait_for_what_they_need(compose: dict[str, Any]) -> None:
    needs = {name: service.get("depends_on", {}) for name, service in compose["services"].items()}
    assert needs["server"] == {"mongo": {"condition": "service_healthy"}}
    assert needs["staff"] == {"server": {"condition": "service_healthy"}, "sim": {"condition": "service_healthy"}}
    assert needs["car"]["staff"] == {"condition": "service_healthy"}


def test_foreign_images_are_pinned(compose: dict[str, Any]) -> None:
    foreign = [service["image"] for service in compose["services"].values() if "pixelopolis" not in service["image"]]
    assert len(foreign) == 3
    for image in foreign:
        assert re.fullmatch(r"[\w/]+:v?\d+\.\d+\.\d+", image)


def test_secrets_come_as_files_only(compose: dict[str, Any]) -> None:
    for service in compose["services"].values():
        for name, value in service.get("environment", {}).items():
            if re.search("PASSWORD|CODE|KEY|STORE", name):
                assert name.endswith("_FILE"), name
                assert value.startswith("/run/secrets/")
                assert value.rpartition("/")[2] in service["secrets"]


def test_settings_are_explained_with_their_defaults(compose: dict[str, Any]) -> None:
    used = dict(re.findall(r"\$\{(\w+):-([^}]*)\}", (ROOT / "docker-compose.yml").read_text("utf-8")))
    explained = dict(re.findall(r"^(\w+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.M))
    assert used == explained


def test_tests_lay_a_stand_in_over_the_database_and_nothing_else() -> None:
    text = (ROOT / "docker-compose.ci.yml").read_text("utf-8").replace("!reset", "")
    laid = yaml.safe_load(text)["services"]
    assert laid.keys() == {"mongo", "server"}
    assert set(laid["server"]) == {"environment"}


def test_the_dashboard_and_the_alerts_show_what_there_is() -> None:
    dashboard = json.loads((ROOT / "deploy/grafana/dashboards/fleet.json").read_text("utf-8"))
    shown = [target["expr"] for panel in dashboard["panels"] for target in panel["targets"]]
    alerts = yaml.safe_load((ROOT / "deploy/prometheus/alerts.yml").read_text("utf-8"))
    told = [rule["expr"] for rule in alerts["groups"][0]["rules"]]
    named = set(re.findall(r"pixelopolis_\w+", " ".join([*shown, *told])))
    assert len(named) >= 15
    assert named <= exported()


def exported() -> set[str]:
    metrics = Metrics()
    metrics.registry.register(FleetCollector(FleetState(load_city("pixelopolis")), lambda: 0.0, lambda: True))
    metrics.answered("GET", "/", 200, 0.1)
    metrics.happened([Event(0.0, "car.joined")])
    text = generate_latest(metrics.registry).decode()
    return set(re.findall(r"^(?:# TYPE )?(pixelopolis_\w+)", text, re.M))


def test_secrets_are_made_once_and_only_their_user_comes_near_them(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    script = [str(ROOT / "scripts/make_secrets.sh"), str(folder)]
    subprocess.run(script, check=True, capture_output=True)
    made = {path.name: path.read_text() for path in folder.iterdir()}
    declared = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["secrets"]
    assert made.keys() == declared.keys()
    assert re.fullmatch(r"[0-9A-HJKMNP-TV-Z]{12}\n", made["operator_code"])
    assert len(made["operator_password"].strip()) == 32
    assert folder.stat().st_mode & 0o077 == 0
    again = subprocess.run(script, check=True, capture_output=True, text=True)
    assert again.stdout == ""
    assert {path.name: path.read_text() for path in folder.iterdir()} == made
