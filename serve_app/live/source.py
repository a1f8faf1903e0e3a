"""Where changes come from."""

from collections.abc import AsyncIterator
from typing import Protocol

from serve_app.live.change import Change
from serve_app.live.position import Position


class HistoryLost(Exception):
    """The source no longer has all changes since the position it was asked to go on from."""


class Source(Protocol):
    """A history of changes. Both methods raise pymongo's errors."""

    async def present(self) -> Position:
        """The position after all that has happened."""
        ...

    def changes(self, after: Position) -> AsyncIterator[tuple[list[Change], Position]]:
        """The changes after a position, for ever: what is new, if anything, and how far history is known with it.

        Raises:
            HistoryLost: some of them are gone.
        """
        ...
