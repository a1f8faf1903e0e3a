"""When whoever waits for replies gives the other end up."""

LOOK_EVERY_S, SILENT_LOOKS_MAX = 1.0, 10
"""A supervisor says at least "not yet" within five seconds: one that owes replies and is silent for so many looks is
lost. Looks are counted, rather than seconds, for a process that was stopped itself has heard nobody."""

STUCK_LOOKS_MAX = 30
"""Looks at which the same message is the one that waits for longest; it is lost then, whoever else hears replies."""

NOBODY = -1


class Patience:
    """Counts looks at who waits for longest."""

    def __init__(self) -> None:
        """Nobody waits yet."""
        self._silent_looks = self._stuck_looks = 0
        self._oldest = NOBODY

    def heard(self) -> None:
        """Something came from the other end."""
        self._silent_looks = 0

    def look(self, oldest: int = NOBODY) -> str | None:
        """One more look, at which this message has waited for longest; why the other end is lost, if it is."""
        self._silent_looks = self._silent_looks + 1 if oldest != NOBODY else 0
        self._stuck_looks = self._stuck_looks + 1 if oldest == self._oldest != NOBODY else 0
        self._oldest = oldest
        if self._silent_looks > SILENT_LOOKS_MAX:
            return f"no word from the other end for {SILENT_LOOKS_MAX * LOOK_EVERY_S:g} s"
        if self._stuck_looks > STUCK_LOOKS_MAX:
            return f"a message was not answered for {STUCK_LOOKS_MAX * LOOK_EVERY_S:g} s"
        return None
