"""How well networks see, each figure with where it was measured: the source of a surrogate's errors.

The lane network is the shipped one. The detector is an earlier one, which saw worse than that of today, so that long
runs are driven with more errors than there are: `git show 8cdd98a:models/shipped/detector.md` is its card.
"""

from __future__ import annotations

import math

_SIGMA_PER_MEAN_ERROR = math.sqrt(math.pi / 2)  # of a normal distribution: from its mean absolute error
_SIGMA_PER_P90 = 1 / 1.645  # and from what 90 % of the absolute errors are below

# models/shipped/lane.md, open loop on validation scenes.
STEERING_SIGMA = 0.1013 * _SIGMA_PER_MEAN_ERROR  # of full scale
LATERAL_SIGMA_M = 0.0092 * _SIGMA_PER_MEAN_ERROR
HEADING_SIGMA_RAD = 0.0554 * _SIGMA_PER_MEAN_ERROR
# The same card, closed loop over all conditions: 5.1 mm in the mean and 16.8 mm (p95) off the line. With errors that
# last for so long, the surrogate's cars are 4.9 and 13.2 mm off (tests/evaluation_fleet/test_surrogate_lane.py).
LANE_ERROR_LASTS_S = 1.0

# The earlier detector's card, in use: distances within 1 m off by 8.0 % (signs) and 14.7 % (cars), p90.
SIGN_DISTANCE_SIGMA = 0.080 * _SIGMA_PER_P90
CAR_DISTANCE_SIGMA = 0.147 * _SIGMA_PER_P90
# The same: 3 signs seen, in 3 pictures each, that were not there, in 19.4 minutes.
STRANGERS_PER_S = 3 / (19.4 * 60)
STRANGER_LOOKS = 3
# The same card, held-out pictures: average precision, which is at most the share that is found.
CAR_FOUND = 0.966
SIGN_FOUND = 0.968  # of those that are not small: 0.918 of all 4,134 objects and 0.859 of the 1,891 small ones
SMALL_SIGN_FOUND = 0.859
SMALL_PX = 24.0  # docs/training.md, `evaluate detector`
OCCLUDED_FOUND = 0.623

# models/detector/pictures/truth.py: what no picture was labelled with, no network learnt to find.
LEAST_SIGN_PX = 14.0
LEAST_CAR_PX = 9.0
READABLE_RAD = math.radians(60.0)
OCCLUDED_SHARE, HIDDEN_SHARE = 0.8, 0.4  # visible shares below which a thing is occluded, and not seen

DETECTOR_ERROR_LASTS_S = 0.3  # assumed: neighbouring pictures err alike, as car/localisation/correction.py expects
BEARING_SIGMA_PX = 1.5  # assumed, of a box's place across the picture
SCORE = 0.9  # assumed, of a sign or car that is found; a small sign has less
SMALL_SCORE = 0.6
