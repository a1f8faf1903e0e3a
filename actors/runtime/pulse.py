"""Whether this process was stopped for a while: it then hears all at once what was said long ago."""

import asyncio
from collections.abc import Callable

BEAT_S = 1.0
STOPPED_S = 5.0
"""Without a beat for so long it counts as stopped: who asked waits for ten seconds, so few of them are still there."""

DEAF_S = 0.1
"""For so long after a stop what comes counts as said before it: connections that nobody had accepted yet, for one."""


class Pulse:
    """Beats as long as the event loop goes round."""

    def __init__(self, stopped: Callable[[], None]) -> None:
        """Begin to beat; `stopped` is called at the first beat after a stop."""
        self._loop = asyncio.get_running_loop()
        self._stopped = stopped
        self._beat_s = self._loop.time()
        self._deaf_until_s = 0.0
        self._beat()

    def has_stopped(self) -> bool:
        """Whether it has not beaten for long, or only just does so again.

        A process that was stopped while it worked hears before it beats. One that waited beats first, for the system
        then says of its lines what it knew before the stop: nothing.
        """
        now_s = self._loop.time()
        return now_s - self._beat_s > STOPPED_S or now_s < self._deaf_until_s

    def close(self) -> None:
        """Beat no more."""
        self._next.cancel()

    def _beat(self) -> None:
        now_s = self._loop.time()
        if now_s - self._beat_s > STOPPED_S:
            self._deaf_until_s = now_s + DEAF_S
            self._stopped()
        self._beat_s = now_s
        self._next = self._loop.call_later(BEAT_S, self._beat)
