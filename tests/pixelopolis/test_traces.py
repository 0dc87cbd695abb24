"""Traces on the command line: sent to a real collector, refused where they cannot be, and nothing without a wish."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

from fleet.access import Role
from fleet.tracing import SENDING_S
from pixelopolis.errors import UsageError
from pixelopolis.traces import ENDPOINT_VARIABLES, tracer_provider
from tests.server.fuzz.server_under_fuzz import server_under_fuzz

BLOCKED = """
import sys
class Blocked:
    def find_spec(self, name, path=None, target=None):
        if name == "opentelemetry.exporter":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, Blocked())
from pixelopolis.traces import tracer_provider
"""


class Collector:
    """Takes OTLP over HTTP."""

    def __init__(self) -> None:
        self.spans: list[tuple[str, str, str]] = []  # service, trace id, name
        collector = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                assert self.path == "/v1/traces"
                collector.take(self.rfile.read(int(self.headers["Content-Length"])))
                self.send_response(200)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"

    def take(self, body: bytes) -> None:
        for group in ExportTraceServiceRequest.FromString(body).resource_spans:
            [service] = [each.value.string_value for each in group.resource.attributes if each.key == "service.name"]
            for scope in group.scope_spans:
                self.spans += [(service, span.trace_id.hex(), span.name) for span in scope.spans]


@contextmanager
def _collecting() -> Iterator[Collector]:
    collector = Collector()
    thread = threading.Thread(target=collector.server.serve_forever)
    thread.start()
    try:
        yield collector
    finally:
        collector.server.shutdown()
        thread.join()
        collector.server.server_close()


def test_a_server_tells_a_collector_of_its_rides(tmp_path: Path) -> None:
    with _collecting() as collector:
        with server_under_fuzz(tmp_path, "--trace-to", collector.url) as server:
            ride_id = server.known["ride_id"][0]
            server.post(f"/api/rides/{ride_id}/cancel", {}, Role.STATION)
            server.stop()
        found = {name for service, trace_id, name in collector.spans if trace_id == ride_id}
    assert found == {"POST /api/rides", "ride", "waiting"}
    assert {service for service, _, _ in collector.spans} == {"pixelopolis-server"}


def test_a_collector_that_is_away_delays_nobody_for_long() -> None:
    provider = tracer_provider("a test", "http://127.0.0.1:9")
    assert provider is not None
    begun_s = time.monotonic()
    provider.get_tracer("test").start_span("ride").end()
    assert time.monotonic() - begun_s < SENDING_S / 2
    provider.shutdown()
    assert time.monotonic() - begun_s < 2 * SENDING_S + 1.0


@pytest.mark.parametrize("variable", ENDPOINT_VARIABLES)
def test_the_standard_variables_ask_for_traces_too(variable: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(variable, "http://127.0.0.1:9")
    provider = tracer_provider("a test", None)
    assert provider is not None
    provider.shutdown()


def test_a_wrong_address_is_told() -> None:
    with pytest.raises(UsageError, match=r"--trace-to localhost:4318: .* http://host:4318"):
        tracer_provider("a test", "localhost:4318")


def _python(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=False)


def test_without_the_extra_only_who_insists_is_told() -> None:
    quiet = _python(BLOCKED + "assert tracer_provider('x', None) is None", OTEL_EXPORTER_OTLP_ENDPOINT="http://x:4318")
    assert (quiet.returncode, quiet.stderr) == (0, "")
    told = _python(BLOCKED + "tracer_provider('x', 'http://x:4318')")
    assert "pip install 'pixelopolis[tracing]'" in told.stderr


def test_nothing_is_imported_unless_asked_for() -> None:
    program = "import sys, car.run, server.serve, pixelopolis.cli; print('opentelemetry.sdk' in sys.modules)"
    assert _python(program).stdout.strip() == "False"
