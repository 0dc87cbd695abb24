"""Classes of the detector and the part of a camera frame that it looks at."""

from __future__ import annotations

from car.perception.sidecar import DetectorCrop
from city.sign_catalogue import SIGN_KINDS

CAR = "Car"
LABELS: tuple[str, ...] = (*SIGN_KINDS, CAR)
CAR_INDEX = LABELS.index(CAR)

# The detector sees the top 80 % of a 320x240 frame: below that is only the road in front of the bumper.
CROP = DetectorCrop(top_fraction=0.0, bottom_fraction=0.8)
