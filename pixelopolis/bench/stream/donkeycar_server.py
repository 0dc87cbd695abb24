"""The baseline: Donkeycar's own web controller with a made-up camera. Runs in a Python that has Donkeycar.

`python donkeycar_server.py PORT`; nothing of ours is imported but two files that need only numpy.
"""

from __future__ import annotations

import sys
import threading
import time


def main(port: int) -> None:
    """Serve `/video` until killed."""
    from donkeycar.parts.web_controller.web import LocalWebController

    from pixelopolis.bench.stream.clock_strip import write_clock
    from pixelopolis.bench.stream.scene import RATE_HZ, scene

    pictures = scene()
    controller = LocalWebController(port=port)
    threading.Thread(target=controller.update, daemon=True).start()
    begun_s = time.monotonic()
    shown = 0
    while True:
        shown += 1
        time.sleep(max(0.0, begun_s + shown / RATE_HZ - time.monotonic()))
        picture = pictures[shown % len(pictures)].copy()
        write_clock(picture, time.time())
        controller.run_threaded(picture, mode="user", recording=False)


if __name__ == "__main__":
    main(int(sys.argv[1]))
