"""Does the car in this container see, and hear its server? Exit status 0 if so; says what is amiss, else.

Asks the car's own web server, which listens where the server reaches it: at this container's address towards the server
that PIXELOPOLIS_SERVER names.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import urllib.request
from urllib.parse import urlsplit

STREAM_PORT = 8090
TIMEOUT_S = 3.0


def own_address(server_url: str) -> str:
    """This machine's address towards a server; nothing is sent."""
    parts = urlsplit(server_url)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.connect((parts.hostname, parts.port or 80))
        return str(probe.getsockname()[0])


try:
    url = f"http://{own_address(os.environ['PIXELOPOLIS_SERVER'])}:{STREAM_PORT}/metrics.json"
    with urllib.request.urlopen(url, timeout=TIMEOUT_S) as answer:
        figures = json.load(answer)
except OSError as error:
    sys.exit(f"no car drives here, see its log ({error})")
if figures["camera"]["error"]:
    sys.exit(f"camera: {figures['camera']['error']}")
if not figures["server"]["connected"]:
    sys.exit(f"server {figures['server']['url']}: not connected")
sys.stdout.write(figures["car_id"])
