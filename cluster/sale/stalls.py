"""How late a timer was, weighed by time. Pure."""

from collections.abc import Iterable


def weighed(lags_ms: Iterable[float], every_ms: float) -> list[float]:
    """Each lag, and those of the timers that were due while it lasted and never set; ascending.

    A timer that is set again only once it has rung measures a stall of two seconds once, like a pause of none: that is
    coordinated omission. So a lag of L counts like L, L - `every_ms`, L - 2 `every_ms` and so on: a share of what is
    found here is a share of the time.
    """
    return sorted(lag - n * every_ms for lag in lags_ms for n in range(int(max(lag, 0.0) // every_ms) + 1))
