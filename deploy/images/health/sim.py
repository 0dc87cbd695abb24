"""Does the simulator in this container answer drivers? Exit status 0 if so."""

from __future__ import annotations

import socket
import sys

ADDRESS = ("127.0.0.1", 5400)
TIMEOUT_S = 3.0

try:
    with socket.create_connection(ADDRESS, timeout=TIMEOUT_S) as connection:
        connection.sendall(b'{"op": "cars"}\n')
        answer = connection.recv(4096).decode()
except OSError as error:
    sys.exit(f"claim port {ADDRESS[1]}: {error}")
sys.stdout.write(answer)
sys.exit(0 if answer.startswith('{"cars"') else 1)
