"""Whether the camera gives pictures of the right size, often and fresh enough."""

from __future__ import annotations

import time

import numpy as np

from car.camera.camera import Camera, camera_source
from car.check.result import Finding, complaints
from fleet.vehicle import DEFAULT_CAMERA

TRIAL_S = 1.5
LEAST_RATE_HZ = 15.0
OLDEST_FRAME_S = 0.15
ADVICE = "plug the camera in, end other programs that use it, and see that its address is right"


def check_camera(url: str) -> Finding:
    """Picture size, rate and age.

    Raises:
        CameraError: if the address makes no sense.
    """
    ages_s: list[float] = []
    with Camera(camera_source(url)) as camera:
        first = camera.wait_newer(-1, TRIAL_S)
        if first is None:
            return Finding(camera.error or f"camera {url}: no picture within {TRIAL_S} s", (ADVICE,))
        started_s, sequence = time.monotonic(), first.sequence
        while (left_s := started_s + TRIAL_S - time.monotonic()) > 0:
            frame = camera.wait_newer(sequence, left_s)
            if frame is not None:
                sequence = frame.sequence
                ages_s.append(frame.age_s(time.monotonic()))
    rate_hz = (sequence - first.sequence) / TRIAL_S
    age_s = float(np.median(ages_s)) if ages_s else float("inf")
    height_px, width_px = first.picture.shape[:2]
    wanted = (DEFAULT_CAMERA.width_px, DEFAULT_CAMERA.height_px)
    return Finding(
        f"{width_px} x {height_px} at {rate_hz:.0f} frames/s, {age_s * 1e3:.0f} ms old",
        complaints(
            ((width_px, height_px) == wanted, f"set the camera to {wanted[0]} x {wanted[1]}"),
            (
                rate_hz >= LEAST_RATE_HZ,
                f"{LEAST_RATE_HZ:.0f} frames/s are the least: set a higher rate, give it more light or a faster cable",
            ),
            (
                age_s <= OLDEST_FRAME_S,
                f"{OLDEST_FRAME_S * 1e3:.0f} ms are the most: end what else loads this computer or the line",
            ),
        ),
    )
