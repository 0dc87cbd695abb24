"""A fleet in containers, as `docker compose` starts it: the project's own files, with a stand-in for the database."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
FILES = ("docker-compose.yml", "docker-compose.ci.yml")
UP_TIMEOUT_S = 900.0
HEALTHY_TIMEOUT_S = 120.0
CONTROL_PORT = 5401  # of the simulator, inside its container

_ASK = (
    "import json, socket, sys; s = socket.create_connection(('127.0.0.1', {port}), 5); "
    "s.sendall(sys.argv[1].encode() + b'\\n'); print(s.makefile().readline())"
)


class DockerError(RuntimeError):
    """A command of Docker failed; has its words."""


def docker(
    *words: str, timeout_s: float = 120.0, environment: dict[str, str] | None = None, stdin: str | None = None
) -> str:
    """The output of a command of Docker.

    Raises:
        DockerError: if it fails.
    """
    done = subprocess.run(
        ["docker", *words],
        cwd=ROOT,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=timeout_s,
        env=os.environ | (environment or {}),
    )
    if done.returncode:
        raise DockerError(f"docker {' '.join(words)}: {done.stderr[-2000:]}")
    return done.stdout


class ComposedFleet:
    """One Compose project."""

    def __init__(self, project: str, port: int, secrets: Path) -> None:
        self.project = project
        self.url = f"http://127.0.0.1:{port}"
        self.secrets = secrets
        subprocess.run([ROOT / "scripts/make_secrets.sh", secrets], check=True, capture_output=True)
        self.environment = {
            "PIXELOPOLIS_PORT": str(port),
            "PIXELOPOLIS_SECRETS": str(secrets),
            "PIXELOPOLIS_SERVERS_SUBNET": "10.205.201.0/24",
            "COMPOSE_PROJECT_NAME": project,
            "COMPOSE_FILE": ":".join(FILES),
        }

    @property
    def whole_environment(self) -> dict[str, str]:
        """Of a program that works on this project."""
        return {**os.environ, **self.environment}

    @property
    def password(self) -> str:
        """Of the operator `staff`."""
        return (self.secrets / "operator_password").read_text().strip()

    def compose(self, *words: str, timeout_s: float = UP_TIMEOUT_S, stdin: str | None = None) -> str:
        """The output of a command of Compose."""
        return docker("compose", *words, timeout_s=timeout_s, environment=self.environment, stdin=stdin)

    def up(self, *words: str) -> None:
        """Start what is not running."""
        self.compose("up", "--detach", *words)

    def down(self) -> None:
        """Remove everything but the images."""
        self.compose("down", "--volumes", "--timeout", "20")

    def scale_cars(self, count: int) -> None:
        """Have so many cars."""
        self.up("--no-deps", "--no-recreate", "--scale", f"car={count}", "car")

    def containers(self, service: str) -> list[str]:
        """Names of the running containers of a service."""
        words = ("ps", "--filter", f"label=com.docker.compose.project={self.project}")
        found = docker(*words, "--filter", f"label=com.docker.compose.service={service}", "--format", "{{.Names}}")
        return sorted(found.split())

    def log(self, container: str) -> str:
        """What a container has said."""
        done = subprocess.run(["docker", "logs", container], capture_output=True, text=True, timeout=60)
        return done.stdout + done.stderr

    def inspect(self, container: str) -> dict[str, Any]:
        """All that Docker knows of a container."""
        found: list[dict[str, Any]] = json.loads(docker("inspect", container))
        return found[0]

    def crash(self, container: str) -> None:
        """Kill a container's first process from outside, as a crash would; its restart policy holds."""
        os.kill(int(self.inspect(container)["State"]["Pid"]), signal.SIGKILL)

    def wait_healthy(self, containers: Sequence[str], timeout_s: float = HEALTHY_TIMEOUT_S) -> float:
        """Wait until all are healthy; how long that took, in s."""
        begun_s = time.monotonic()
        while True:
            states = {name: self.inspect(name)["State"] for name in containers}
            if all(state["Running"] and state["Health"]["Status"] == "healthy" for state in states.values()):
                return time.monotonic() - begun_s
            if time.monotonic() - begun_s > timeout_s:
                words = {name: state["Health"]["Log"][-1:] for name, state in states.items()}
                raise DockerError(f"not healthy after {timeout_s} s: {words}")
            time.sleep(0.5)

    def truth(self) -> dict[str, Any]:
        """What is true of all simulated cars, from inside the simulator's container: nobody else is told."""
        (sim,) = self.containers("sim")
        program = _ASK.format(port=CONTROL_PORT)
        answer: dict[str, Any] = json.loads(docker("exec", sim, "python", "-c", program, '{"op": "status"}'))
        return answer
