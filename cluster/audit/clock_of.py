"""Another machine's clock: deadlines are written by it, so they are compared with it and not with ours."""

from datetime import datetime

from actors.runtime.clock import Clock


class ClockOf:
    """Goes as ours does, and shows what theirs showed."""

    def __init__(self, theirs: datetime, ours: Clock) -> None:
        """Theirs shows `theirs` at this moment."""
        self._ours = ours
        self._ahead = theirs - ours.now()

    def now(self) -> datetime:
        """What theirs shows now."""
        return self._ours.now() + self._ahead
