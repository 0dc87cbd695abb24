"""Is the server in this container able to serve? Exit status 0 if so; the answer's text tells why not."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request

URL = "http://127.0.0.1:5355/api/health"
TIMEOUT_S = 3.0

try:
    with urllib.request.urlopen(URL, timeout=TIMEOUT_S) as answer:
        sys.stdout.write(answer.read().decode())
except urllib.error.HTTPError as error:
    sys.exit(error.read().decode())
except OSError as error:
    sys.exit(f"{URL}: {error}")
