"""The manifests as the tests read them: objects, their pods, and what a container really runs."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer.main
import yaml

from pixelopolis.cli import app

FOLDER = Path(__file__).parents[2] / "deploy" / "kubernetes"
Object = dict[str, Any]

# What a cluster would give: of the pod, and of the Secrets.
FIELDS = {
    "metadata.name": "car-12",
    "status.podIP": "10.244.1.7",
    "metadata.annotations['batch.kubernetes.io/job-completion-index']": "3",
}
SECRETS = {("store", "url"): "mongodb://db/city", ("first-operator", "code"): "7K2M-Q4XD-9TRB"}


def manifest_files() -> list[Path]:
    """Every file with objects."""
    return sorted(path for path in FOLDER.rglob("*.yaml") if path.name != "kustomization.yaml")


def objects_in(path: Path) -> list[Object]:
    """The objects of a file."""
    return list(yaml.safe_load_all(path.read_text(encoding="utf-8")))


def all_objects() -> list[Object]:
    """The objects of all files."""
    return [each for path in manifest_files() for each in objects_in(path)]


def found(kind: str, name: str) -> Object:
    """The object of this kind and name."""
    [one] = [each for each in all_objects() if (each["kind"], each["metadata"]["name"]) == (kind, name)]
    return one


def workloads() -> list[Object]:
    """Objects that start pods."""
    return [each for each in all_objects() if "template" in each.get("spec", {})]


def container_of(workload: Object) -> Object:
    """The one container of a workload's pods."""
    [container] = workload["spec"]["template"]["spec"]["containers"]
    return dict(container)


def environment_of(container: Object) -> dict[str, str]:
    """The environment of a container; nothing that the manifests ask for may be unknown."""
    values: dict[str, str] = {}
    for source in container.get("envFrom", []):
        values |= found("ConfigMap", source["configMapRef"]["name"])["data"]
    for variable in container.get("env", []):
        source = variable.get("valueFrom", {})
        if "fieldRef" in source:
            values[variable["name"]] = FIELDS[source["fieldRef"]["fieldPath"]]
        elif "secretKeyRef" in source:
            values[variable["name"]] = SECRETS[source["secretKeyRef"]["name"], source["secretKeyRef"]["key"]]
        else:
            values[variable["name"]] = variable["value"]
    return values


@dataclass(frozen=True, slots=True)
class Run:
    """A program as a container starts it: its words, its environment, and what the command line reads from them."""

    words: list[str]
    environment: Mapping[str, str]
    options: Mapping[str, Any]


def run_of(container: Object, folder: Path) -> Run:
    """What a container runs, its shell included; `folder` is for scratch files.

    Raises:
        Exception: of Click, if the command line does not take it.
    """
    environment = environment_of(container)
    words = [_expanded(word, environment) for word in [*container["command"], *container["args"]]]
    if words[0] == "sh":
        words, environment = _run_by_shell(words, environment, folder)
    assert words[0] == "pixelopolis"
    return Run(words, environment, _parsed(words[1:]))


def _expanded(word: str, environment: Mapping[str, str]) -> str:
    """As the kubelet does it."""
    return re.sub(r"\$\((\w+)\)", lambda reference: environment[reference[1]], word)


def _run_by_shell(words: list[str], environment: dict[str, str], folder: Path) -> tuple[list[str], dict[str, str]]:
    """Let a real shell run the words, with stand-ins that write down how they are called."""
    programs, called = folder / "programs", folder / "called"
    programs.mkdir()
    report = f"#!/bin/sh\n{{ printf '%s\\0' pixelopolis \"$@\"; echo; env -0; }} > '{called}'\n".replace(
        "env", "/usr/bin/env"
    )
    for name, script in (("pixelopolis", report), ("cat", '#!/bin/sh\necho "content of $1"\n')):
        (programs / name).write_text(script)
        (programs / name).chmod(0o755)
    subprocess.run(words, check=True, env={**environment, "PATH": f"{programs}{os.pathsep}{os.defpath}"})
    run, _, inherited = called.read_text().partition("\n")
    pairs = (entry.partition("=") for entry in inherited.split("\0") if entry)
    return run.split("\0")[:-1], {name: value for name, _, value in pairs}


def _parsed(words: list[str]) -> dict[str, Any]:
    """Options as the project's own command line reads them."""
    command: Any = typer.main.get_command(app)  # Typer carries a Click of its own
    while hasattr(command, "resolve_command"):
        _, command, words = command.resolve_command(command.context_class(command), words)
    return dict(command.make_context(command.name, words).params)
