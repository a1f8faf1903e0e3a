"""Whether this process was stopped for a while: it then hears all at once what was said long ago."""

import asyncio

BEAT_S = 1.0
STOPPED_S = 5.0
"""Without a beat for so long it counts as stopped: who asked waits for ten seconds, so few of them are still there."""


class Pulse:
    """Beats as long as the event loop goes round."""

    def __init__(self) -> None:
        """Begin to beat."""
        self._loop = asyncio.get_running_loop()
        self._beat()

    def has_stopped(self) -> bool:
        """Whether it has not beaten for long. True in the first round after a stop, which hears before it beats."""
        return self._loop.time() - self._beat_s > STOPPED_S

    def close(self) -> None:
        """Beat no more."""
        self._next.cancel()

    def _beat(self) -> None:
        self._beat_s = self._loop.time()
        self._next = self._loop.call_later(BEAT_S, self._beat)
