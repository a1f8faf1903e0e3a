"""Arrival curves: when each buyer comes, in seconds after the doors open. Pure."""

from random import Random

from cluster.sale.plan import Curve

WAVES = 5
WAVE_WIDTH = 0.2
"""Share of the time between two waves in which a whole wave arrives."""


def arrivals(curve: Curve, buyers: int, seconds: float, chance: Random) -> list[float]:
    """The moments, earliest first.

    `at-once`: all of them at 0. `ramp`: ever more of them, from none to twice the mean rate. `waves`: in five bursts.
    """
    if curve == "at-once":
        return [0.0] * buyers
    if curve == "ramp":
        # The number of those who have come grows with the square of the time, so its inverse is a root.
        return [seconds * ((n + 0.5) / buyers) ** 0.5 for n in range(buyers)]
    step = seconds / WAVES
    return sorted((n % WAVES) * step + chance.random() * step * WAVE_WIDTH for n in range(buyers))
