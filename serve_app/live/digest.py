"""What a stretch of the log comes to: the newest change of each ticket and order, made once for all streams."""

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

    def covers(self, change: Change) -> bool:
        """Whether the stream tells of `change`."""
        if change.buyer is not None:
            return change.buyer == self.user_id
        return self.tickets is None or change.key in self.tickets


class Digest:
    """The newest changes of a stretch."""

    def __init__(self, changes: Sequence[Change]) -> None:
        """Leave out what a later change of the same ticket or order supersedes."""
        newest: dict[ObjectId, Change] = {}
        for change in reversed(changes):
            newest.setdefault(change.key, change)
        self._changes = tuple(reversed(newest.values()))
        self._tickets = frozenset(each.key for each in self._changes if each.buyer is None)
        self._buyers = frozenset(each.buyer for each in self._changes if each.buyer is not None)

    def messages(self, interest: Interest) -> bytes:
        """The events for a stream about `interest`, oldest first."""
        about_orders = interest.user_id in self._buyers
        if interest.tickets is None and not about_orders:
            return self._of_all_tickets
        if interest.tickets is not None and not about_orders and self._tickets.isdisjoint(interest.tickets):
            return b""
        return b"".join(each.message for each in self._changes if interest.covers(each))

    @cached_property
    def _of_all_tickets(self) -> bytes:
        return b"".join(each.message for each in self._changes if each.buyer is None)
