"""Snapshots without a running system: the real behaviours tell each other what they have to say, in memory.

What comes out is what the system itself would have stored, so that seeding cannot drift from what the code writes.
"""

from collections import defaultdict, deque
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from actors.runtime.behaviour import Behaviour
from actors.runtime.codec import Document
from actors.runtime.envelope import Envelope
from actors.runtime.message import Address, Key, Message
from actors.runtime.snapshot import Snapshot, to_stored


class PaperOffice:
    """Actors on paper: every message is delivered and acknowledged at once."""

    def __init__(self, behaviours: Mapping[str, Behaviour]) -> None:
        """Nobody exists yet; `behaviours` by service."""
        self._behaviours = behaviours
        self._snapshots: dict[str, dict[Key, Snapshot]] = defaultdict(dict)

    def tell(self, to: Address, message: Message, op: str, now: datetime) -> None:
        """Deliver `message` under the operation `op`, and whatever it makes the actors say to each other.

        Raises:
            AssertionError: a message changed nothing, so it does not belong into this story.
        """
        waiting = deque([Envelope(to, op, message)])
        while waiting:
            waiting.extend(self._turn(waiting.popleft(), now))

    def documents(self) -> dict[str, list[Document]]:
        """All snapshots as they are stored, by service."""
        return {
            service: [to_stored(each, self._behaviours[service].due(each.state)) for each in snapshots.values()]
            for service, snapshots in self._snapshots.items()
        }

    def _turn(self, envelope: Envelope, now: datetime) -> list[Envelope]:
        """Decide and remember; what the actor has to say."""
        service, key = envelope.to.service, envelope.to.key
        behaviour = self._behaviours[service]
        known = self._snapshots[service].get(key) or Snapshot(key, behaviour.empty(key))
        decision: Any = behaviour.decide(known.state, envelope.message, now)
        assert decision.changes(known.state), f"{envelope.to} has no use for {envelope.message}: {decision.reply}"
        if decision.over:
            del self._snapshots[service][key]
            return []
        new = known.after(decision, envelope.op, service, now)
        self._snapshots[service][key] = new.without({entry.id for entry in new.outbox})
        return [Envelope(to, entry.id, entry.message) for entry in new.outbox for to in entry.message.addressees()]
