"""Where actors live: the part of an actor that its supervisor sees, and the placement in its own process."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from actors.runtime.actor import Actor
from actors.runtime.clearing import Clearing
from actors.runtime.delivery import Transport
from actors.runtime.envelope import Answer, Envelope
from actors.runtime.message import Key, Message
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Store
from actors.runtime.turn import Turns


class Hosted(Protocol):
    """An actor as its supervisor sees it, wherever its turns run. See `Actor` for what each part means."""

    @property
    def key(self) -> Key: ...  # noqa: D102
    @property
    def snapshot(self) -> Snapshot | None: ...  # noqa: D102
    @property
    def queued(self) -> int: ...  # noqa: D102
    @property
    def undelivered(self) -> int: ...  # noqa: D102
    @property
    def troubles(self) -> dict[str, str]: ...  # noqa: D102
    @property
    def is_idle(self) -> bool: ...  # noqa: D102
    def submit(self, envelope: Envelope) -> Answer: ...  # noqa: D102
    def tell(self, op: str, message: Message) -> Answer: ...  # noqa: D102
    def let_go(self, op: str) -> None: ...  # noqa: D102
    async def refresh(self) -> None: ...  # noqa: D102
    def due(self) -> datetime | None: ...  # noqa: D102
    def close(self) -> None: ...  # noqa: D102


Changed = Callable[[Hosted], None]
"""Hears of every new state of an actor."""


class Placement(Protocol):
    """Makes actors."""

    def place(self, key: Key, changed: Changed, *, is_spare: bool = False) -> Hosted:
        """Give the actor `key` a place to live, which may be the spare one.

        Raises:
            NoRoom: as many live as may; an idle one has to leave first.
        """
        ...

    async def leave(self, actor: Hosted) -> bool:
        """Passivate an idle actor; False if it turned out to be busy."""
        ...

    async def look(self) -> None:
        """See to it that what actors say of themselves is what goes on now, wherever they live."""
        ...


class NoRoom(Exception):
    """No further actor can be activated now."""


class SharedPlacement:
    """Many actors in their supervisor's process."""

    def __init__(self, turns: Turns, store: Store, transport: Transport) -> None:
        """Run them all with the same rules, store and transport."""
        self._turns = turns
        self._clearing = Clearing(store)
        self._transport = transport

    def place(self, key: Key, changed: Changed, *, is_spare: bool = False) -> Hosted:
        """An actor in this process; there is always room."""
        return Actor(key, self._turns, self._clearing, self._transport, changed)

    async def leave(self, actor: Hosted) -> bool:
        """Nothing to do: without a reference the actor is gone."""
        return actor.is_idle

    async def look(self) -> None:
        """Nothing to do: they are here."""
