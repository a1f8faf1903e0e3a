"""Time since the doors opened."""

import time


class Stopwatch:
    """Counts seconds since it was made or last restarted."""

    def __init__(self) -> None:
        """Start."""
        self._started = time.perf_counter()

    def restart(self) -> None:
        """Count from 0 again."""
        self._started = time.perf_counter()

    def elapsed_s(self) -> float:
        """Seconds since the start."""
        return time.perf_counter() - self._started
