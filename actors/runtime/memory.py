"""What the runtime remembers of one actor between turns, and since when it is known to be so."""

from dataclasses import dataclass
from math import inf

from actors.runtime.snapshot import Snapshot

MEMORY_TRUSTED_S = 1.0
"""How long a refusal may rest on memory that was not compared with the store: a stale copy refuses no longer, but for
as long as a lease that it has given (see `lease`)."""


@dataclass(slots=True)
class Memory:
    """What the runtime knows of one actor between turns; empty when in doubt. Times are `steady_s`."""

    snapshot: Snapshot | None = None
    checked_s: float = -inf
    """When the snapshot was last known to be the stored one; never, for one that was read ahead."""

    acknowledged: frozenset[str] = frozenset()
    """Outbox entries that everyone has acknowledged and that the store may still hold."""

    def learn(self, snapshot: Snapshot, asked_s: float) -> None:
        """Take over what the store was known to hold at `asked_s` or later."""
        self.snapshot = snapshot
        self.checked_s = asked_s

    def confirm(self, version: int, asked_s: float) -> None:
        """The store held this version at `asked_s` or later: if it is the remembered one, all of it is right."""
        if self.snapshot is not None and self.snapshot.version == version:
            self.checked_s = max(self.checked_s, asked_s)  # somebody may have looked while the answer was on its way

    def forget(self) -> None:
        """Drop what can no longer be trusted; the next turn loads it."""
        self.snapshot = None
        self.checked_s = -inf

    def is_trusted(self, now_s: float) -> bool:
        """Whether a refusal may rest on it."""
        return now_s - self.checked_s <= MEMORY_TRUSTED_S
