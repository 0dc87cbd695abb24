"""A pack of three lithium-ion cells in series: charge, open-circuit voltage, sag."""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass

# Open-circuit voltage of a 3S pack over its charge; typical lithium-ion discharge curve, 9.9 V empty, 12.6 V full.
_CHARGE = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 0.9, 1.0)
_OPEN_CIRCUIT_V = (9.9, 10.3, 10.6, 10.9, 11.2, 11.5, 11.9, 12.2, 12.6)


def open_circuit_v(charge: float) -> float:
    """Voltage without load at a charge of 0 … 1."""
    charge = min(1.0, max(0.0, charge))
    k = min(len(_CHARGE) - 2, bisect_right(_CHARGE, charge) - 1)
    part = (charge - _CHARGE[k]) / (_CHARGE[k + 1] - _CHARGE[k])
    return _OPEN_CIRCUIT_V[k] + part * (_OPEN_CIRCUIT_V[k + 1] - _OPEN_CIRCUIT_V[k])


@dataclass
class Battery:
    """State of the pack."""

    charge: float = 0.9  # 0 … 1
    capacity_as: float = 3.0 * 3600  # 3000 mAh, as in the original
    resistance_ohm: float = 0.15
    current_a: float = 0.0
    present: bool = True  # somebody may have taken it out

    @property
    def voltage_v(self) -> float:
        """Voltage at the car's terminals under the present load."""
        return open_circuit_v(self.charge) - self.current_a * self.resistance_ohm if self.present else 0.0

    def step(self, dt_s: float, current_a: float) -> None:
        """Draw a current for a while; a pack that is out gives none."""
        self.current_a = current_a if self.present else 0.0
        self.charge = max(0.0, self.charge - self.current_a * dt_s / self.capacity_as)
