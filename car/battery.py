"""How full a three-cell lithium-ion pack is, by its voltage."""

from __future__ import annotations

import numpy as np

# Typical open-circuit voltages of three Li-ion cells; under the car's small load the sag is below 0.1 V.
VOLTAGES_V = (9.9, 10.5, 10.8, 11.1, 11.4, 11.7, 12.0, 12.6)
PERCENTS = (0.0, 5.0, 15.0, 35.0, 55.0, 72.0, 85.0, 100.0)


def battery_percent(voltage_v: float) -> float:
    """Charge in percent, 0 to 100."""
    return float(np.interp(voltage_v, VOLTAGES_V, PERCENTS))
