"""What a stretch of the log comes to: the newest change of each ticket and order, made once for all streams."""

from collections import defaultdict
from collections.abc import Sequence
from functools import cached_property

from bson import ObjectId
from msgspec import Struct

from serve_app.live.change import Change


class Interest(Struct, frozen=True, kw_only=True):
    """What one stream is about."""

    tickets: frozenset[ObjectId] | None = None
    """These tickets; None is all."""

    user_id: ObjectId | None = None
    """Whose orders: those of the one who is signed in."""


class Digest:
    """The newest changes of a stretch, by those whom they are about: a stream's share is picked, not searched for."""

    def __init__(self, changes: Sequence[Change]) -> None:
        """Leave out what a later change of the same ticket or order supersedes."""
        newest: dict[ObjectId, Change] = {}
        for change in reversed(changes):
            newest.setdefault(change.key, change)
        self._changes = tuple(reversed(newest.values()))
        self._ticket_at: dict[ObjectId, int] = {}
        self._orders_at: defaultdict[ObjectId, list[int]] = defaultdict(list)
        for place, change in enumerate(self._changes):
            if change.buyer is None:
                self._ticket_at[change.key] = place
            else:
                self._orders_at[change.buyer].append(place)
        self._tickets = frozenset(self._ticket_at)  # beside its map: only sets compare by hashes that they have kept

    def messages(self, interest: Interest) -> bytes:
        """The events for a stream about `interest`, oldest first."""
        mine = self._orders_at.get(interest.user_id, []) if interest.user_id else []
        if interest.tickets is None and not mine:
            return self._of_all_tickets
        tickets = self._tickets if interest.tickets is None else self._tickets & interest.tickets
        places = sorted([*mine, *(self._ticket_at[each] for each in tickets)])
        return b"".join(self._changes[place].message for place in places)

    @cached_property
    def _of_all_tickets(self) -> bytes:
        return b"".join(each.message for each in self._changes if each.buyer is None)
