"""Idle actors leave memory, so that memory follows what is hot and not what exists."""

import asyncio
from datetime import datetime, timedelta
from itertools import takewhile

from actors.runtime.clock import Clock
from actors.runtime.message import Key
from actors.runtime.placement import Hosted, Placement
from actors.runtime.tasks import log

AT_ONCE, BREAK_S = 200, 0.005
"""How many leave before everybody else has a turn, and for how long: after a rush ten thousands leave together."""


class Passivation:
    """Remembers who was last needed when."""

    def __init__(self, clock: Clock, after: timedelta) -> None:
        """Passivate actors that have had no message for `after`."""
        self._clock = clock
        self._after = after
        self._touched: dict[Key, datetime] = {}

    def touch(self, key: Key) -> None:
        """This actor is needed now."""
        self._touched.pop(key, None)
        self._touched[key] = self._clock.now()  # dicts keep insertion order: the longest untouched come first

    async def run(self, actors: dict[Key, Hosted], placement: Placement) -> None:
        """Sweep for ever."""
        while True:
            await asyncio.sleep(max(self._after.total_seconds() / 4, 0.05))
            await self.sweep(actors, placement)

    async def sweep(self, actors: dict[Key, Hosted], placement: Placement) -> None:
        """Let every actor go that was not needed for a while and has nothing to do."""
        horizon = self._clock.now() - self._after
        unneeded = [key for key, _ in takewhile(lambda touched: touched[1] <= horizon, self._touched.items())]
        for n, key in enumerate(unneeded, start=1):
            if key in self._touched and self._touched[key] <= horizon:
                await self._passivate(key, actors, placement)
            if n % AT_ONCE == 0:
                await asyncio.sleep(BREAK_S)

    async def make_room(self, actors: dict[Key, Hosted], placement: Placement) -> None:
        """Let the one idle actor go that was not needed for longest."""
        for key in list(self._touched):
            if key in actors and await self._passivate(key, actors, placement):
                return

    async def _passivate(self, key: Key, actors: dict[Key, Hosted], placement: Placement) -> bool:
        actor = actors.get(key)
        if actor is not None:
            if not (actor.is_idle and await _lets_go(actor, placement) and actor.is_idle):
                return False
            if actors.get(key) is not actor:
                return False  # somebody else let it go meanwhile, and it may have come back since
            del actors[key]  # no await since `is_idle` was last asked: nothing can have come in between
        self._touched.pop(key, None)
        return True


async def _lets_go(actor: Hosted, placement: Placement) -> bool:
    """Whether `actor` may leave; one whose placement fails stays, and costs no other its turn."""
    try:
        return await placement.leave(actor)
    except Exception as error:  # noqa: BLE001  a placement may reach other processes, which fail in many ways
        log.warning("%s cannot leave memory: %r", actor.key, error)
        return False
