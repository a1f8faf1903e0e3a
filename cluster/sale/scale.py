"""Axes that end at round numbers. Pure."""

import math

STEPS = (1, 2, 5, 10)


def nice(value: float) -> float:
    """The smallest of …, 0.5, 1, 2, 5, 10, 20, 50, … that is at least `value`; 1 for nothing."""
    if value <= 0:
        return 1.0
    size = 10.0 ** math.floor(math.log10(value))
    return next(step * size for step in STEPS if step * size >= value * (1 - 1e-9))


def ticks(top: float, count: int) -> list[float]:
    """Round numbers from 0 on, `count` at most besides 0, the last one not below `top`."""
    step = nice(top / count)
    return [n * step for n in range(math.ceil(top / step - 1e-9) + 1)] if top > 0 else [0.0, 1.0]
