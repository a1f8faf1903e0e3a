"""What the runtime remembers of one actor between turns, and since when it is known to be so."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from actors.runtime.snapshot import Snapshot

MEMORY_TRUSTED_FOR = timedelta(seconds=1)
"""How long a refusal may rest on memory that was not compared with the store: a stale copy refuses no longer, but for
as long as a lease that it has given (see `lease`)."""


@dataclass(slots=True)
class Memory:
    """What the runtime knows of one actor between turns; empty when in doubt."""

    snapshot: Snapshot | None = None
    checked_at: datetime | None = None
    """When the snapshot was last known to be the stored one; None for one that was read ahead."""

    acknowledged: frozenset[str] = frozenset()
    """Outbox entries that everyone has acknowledged and that the store may still hold."""

    def learn(self, snapshot: Snapshot, now: datetime) -> None:
        """Take over what the store is known to hold."""
        self.snapshot = snapshot
        self.checked_at = now

    def confirm(self, version: int, asked_at: datetime, now: datetime) -> None:
        """The store held this version at `asked_at` or later: if it is the remembered one, all of it is right.

        A later check may have come meanwhile; one in the future of `now` is from before the clock was put back.
        """
        if self.snapshot is not None and self.snapshot.version == version:
            is_newer = self.checked_at is not None and asked_at < self.checked_at <= now
            self.checked_at = self.checked_at if is_newer else asked_at

    def forget(self) -> None:
        """Drop what can no longer be trusted; the next turn loads it."""
        self.snapshot = None
        self.checked_at = None

    def is_trusted(self, now: datetime) -> bool:
        """Whether a refusal may rest on it."""
        # A check in the future is one from before the clock was put back: it says nothing.
        return self.checked_at is not None and timedelta(0) <= now - self.checked_at <= MEMORY_TRUSTED_FOR
