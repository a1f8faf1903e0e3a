"""Waiting for a condition, with a deadline, never for a while; and hearing the signal that ends it all."""

import signal
import time
from collections.abc import Callable
from types import FrameType

POLL_S = 0.05
"""Pause between two looks."""


def until(condition: Callable[[], bool], *, timeout_s: float) -> bool:
    """Look until `condition()` holds, at most `timeout_s` seconds; True when it held."""
    deadline = time.monotonic() + timeout_s
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_S)
    return True


class Stopped(Exception):
    """Somebody asked this command to end."""


class Patience:
    """Waiting that a signal ends.

    The signal only sets a mark: raised at once it could fall between starting a process and noting it.
    """

    SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        """Not stopped."""
        self._stopped = False

    def listen(self) -> None:
        """From now on Ctrl-C, SIGTERM and a closed terminal end the waiting, not the process."""
        for signum in self.SIGNALS:
            signal.signal(signum, self._stop)

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._stopped = True

    def until(self, condition: Callable[[], bool], *, timeout_s: float) -> bool:
        """As the function `until`. Raises `Stopped`."""
        met = until(lambda: self._stopped or condition(), timeout_s=timeout_s)
        if self._stopped:
            raise Stopped
        return met

    def pause(self, seconds: float) -> None:
        """Let `seconds` pass. Raises `Stopped`."""
        self.until(lambda: False, timeout_s=seconds)
