"""Does the proxy in this container pass calls on to a server that lives? Exit status 0 if so."""

from __future__ import annotations

import sys
import urllib.request

URL = "http://127.0.0.1:8000/api/live"
TIMEOUT_S = 3.0

try:
    with urllib.request.urlopen(URL, timeout=TIMEOUT_S):
        pass
except OSError as error:
    sys.exit(f"{URL}: {error}")
