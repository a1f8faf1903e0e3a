"""The latest changes, in memory: one log, which every stream of a replica reads at its own place."""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from serve_app.live.change import Change
from serve_app.live.position import Position, earlier

CHANGES_MAX = 20_000
"""Changes that are kept, about 1 KB each: ten seconds of the fastest sale, hours of a usual one."""

AGE_MAX_S = 300
"""How long a change is kept, by MongoDB's own time."""


class Overtaken(Exception):
    """Changes that a reader has not seen are no longer in the log."""


class Log:
    """Changes in the order of their positions. A reader's place is the number of changes before it."""

    def __init__(self, changes_max: int = CHANGES_MAX, age_max_s: int = AGE_MAX_S) -> None:
        """Keep so many changes, for so long, and up to an eighth more: what is too old is dropped in lots."""
        self._changes_max = changes_max
        self._age_max_s = age_max_s
        self._changes: list[Change] = []
        self._positions: list[Position] = []
        self._first = 0
        self._floor: Position = ""
        self._open_from: Position = ""
        self.head: Position = ""
        """Up to here all changes have been in the log."""

    @property
    def is_open(self) -> bool:
        """Whether the log has come up to the present since it was begun."""
        return bool(self.head) and self.head >= self._open_from

    @property
    def end(self) -> int:
        """The place behind the newest change."""
        return self._first + len(self._changes)

    def begin(self, position: Position, present: Position) -> None:
        """Begin anew at `position`; what was there is gone, and every reader is overtaken."""
        self._first = self.end + 1
        self._changes.clear()
        self._positions.clear()
        self._floor = self.head = position
        self._open_from = present

    def close(self) -> None:
        """It is not kept at the present any more, until it is begun anew."""
        self.head = ""

    def extend(self, changes: Sequence[Change], head: Position) -> None:
        """Add changes, oldest first, after which history is known up to `head`."""
        for change in changes:
            assert change.position > self.head, "changes come in the order of their positions"
            self._changes.append(change)
            self._positions.append(change.position)
            self.head = change.position
        self.head = max(self.head, head)
        self._drop_old()

    def place_of(self, position: Position) -> int | None:
        """The place behind `position`; None if changes after it are no longer here."""
        if position < self._floor:
            return None
        return self._first + bisect_right(self._positions, position)

    def between(self, place: int, end: int) -> Sequence[Change]:
        """The changes from one place to another.

        Raises:
            Overtaken: the first of them are gone.
        """
        if place < self._first:
            raise Overtaken
        return self._changes[place - self._first : end - self._first]

    def _drop_old(self) -> None:
        horizon = earlier(self.head, self._age_max_s)
        old = max(bisect_left(self._positions, horizon), len(self._changes) - self._changes_max)
        if old > 0 and old * 8 >= len(self._changes):
            self._floor = self._positions[old - 1]
            del self._changes[:old], self._positions[:old]
            self._first += old
