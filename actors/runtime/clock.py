"""Time, injected: UTC, to the millisecond, as MongoDB keeps it."""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time. Waiting is left to the event loop, whose time the clock must agree with."""

    def now(self) -> datetime:
        """The present moment in UTC, cut to whole milliseconds."""
        ...


def to_millisecond(moment: datetime) -> datetime:
    """`moment` as it comes back from a snapshot: BSON dates have no finer grain."""
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment in UTC, cut to whole milliseconds."""
        return to_millisecond(datetime.now(UTC))
