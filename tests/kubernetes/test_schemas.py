"""Every object is what Kubernetes takes, and keeps to what the project asks of all pods."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import kubernetes_validate
import pytest
import yaml

from tests.kubernetes.manifests import FOLDER, Object, all_objects, container_of, manifest_files, objects_in, workloads

OLDEST, NEWEST = "1.30", "1.37"
KUSTOMIZATIONS = sorted(FOLDER.rglob("kustomization.yaml"))


def check(manifest: Object) -> None:
    for version in (OLDEST, NEWEST):
        kubernetes_validate.validate(manifest, version, strict=True)


@pytest.mark.parametrize("path", manifest_files(), ids=lambda path: str(path.relative_to(FOLDER)))
def test_objects_are_valid(path: Path) -> None:
    for manifest in objects_in(path):
        check(manifest)


def test_the_validator_finds_mistakes() -> None:
    [deployment] = [each for each in all_objects() if each["kind"] == "Deployment"]
    deployment["spec"]["template"]["spec"]["containers"][0]["imagePullPolicies"] = "Always"
    with pytest.raises(kubernetes_validate.ValidationError, match="imagePullPolicies"):
        check(deployment)


def test_every_file_is_of_a_kustomization() -> None:
    listed = {
        (path.parent / resource).resolve()
        for path in KUSTOMIZATIONS
        for resource in yaml.safe_load(path.read_text())["resources"]
    }
    assert set(manifest_files()) == {path for path in listed if path.is_file()}
    assert all((path / "kustomization.yaml").is_file() for path in listed if path.is_dir())
    assert all(path.exists() for path in listed)


@pytest.mark.parametrize("path", KUSTOMIZATIONS, ids=lambda path: path.parent.name)
def test_kustomizations_can_be_built(path: Path) -> None:
    programs = ["kustomize", "build"], ["kubectl", "kustomize"]
    program = next((words for words in programs if shutil.which(words[0])), None)
    if program is None:
        pytest.skip("neither kustomize nor kubectl is installed")
    built = subprocess.run([*program, str(path.parent)], check=True, capture_output=True, text=True)
    objects = list(yaml.safe_load_all(built.stdout))
    assert objects
    for manifest in objects:
        check(manifest)
    by_name = {(each["kind"], each["metadata"]["name"]): each for each in objects}
    if ("StatefulSet", "car") in by_name:
        cars = by_name["StatefulSet", "car"]["spec"]["replicas"]
        assert f"--cars={cars}" in container_of(by_name["Job", "simulator"])["args"], "each has a simulated car"


@pytest.mark.parametrize("workload", workloads(), ids=lambda workload: str(workload["metadata"]["name"]))
def test_pods_can_do_no_more_than_they_must(workload: Object) -> None:
    pod, container = workload["spec"]["template"]["spec"], container_of(workload)
    assert pod["automountServiceAccountToken"] is False
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["runAsUser"] >= 1000
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert {"cpu", "memory"} <= set(container["resources"]["requests"])
    assert "memory" in container["resources"]["limits"]
    mounts = {mount["name"]: mount["mountPath"] for mount in container["volumeMounts"]}
    assert {"name": "HOME", "value": mounts["scratch"]} in container["env"], "nothing else can be written"


def test_servers_are_two_and_stay_reachable() -> None:
    by_kind = {each["kind"]: each for each in all_objects() if each["metadata"]["name"] == "server"}
    deployment = by_kind["Deployment"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert deployment["spec"]["replicas"] >= 2
    assert deployment["spec"]["strategy"]["rollingUpdate"]["maxUnavailable"] == 0
    assert by_kind["PodDisruptionBudget"]["spec"] == {"minAvailable": 1, "selector": {"matchLabels": labels}}
    assert by_kind["Service"]["spec"]["selector"] == labels
    [apart] = deployment["spec"]["template"]["spec"]["affinity"]["podAntiAffinity"].values()
    assert apart[0]["podAffinityTerm"]["labelSelector"]["matchLabels"] == labels
