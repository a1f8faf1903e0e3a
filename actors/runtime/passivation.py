"""Idle actors leave memory, so that memory follows what is hot and not what exists."""

import asyncio
from itertools import islice, takewhile

from actors.runtime.clock import steady_s
from actors.runtime.message import Key
from actors.runtime.placement import Hosted, Placement
from actors.runtime.tasks import log

AT_ONCE, BREAK_S = 200, 0.005
"""How many leave before everybody else has a turn, and for how long: after a rush ten thousands leave together."""


LOOKS_MAX = 1_000
"""So many are looked at for one that is idle: where all of them are busy nobody has time for another, either."""


class Passivation:
    """Remembers who was last needed when."""

    def __init__(self, after_s: float, actors: dict[Key, Hosted], placement: Placement) -> None:
        """Take those of `actors` out, and out of `placement`, that have had no message for `after_s` seconds."""
        self._after_s = after_s
        self._actors = actors
        self._placement = placement
        self._touched: dict[Key, float] = {}
        """When each was needed last, by a clock that nobody sets; the longest untouched come first."""

    def touch(self, key: Key) -> None:
        """This actor is needed now."""
        self._touched.pop(key, None)
        self._touched[key] = steady_s()

    async def run(self) -> None:
        """Sweep for ever: whoever fails here is the last who would have noticed."""
        while True:
            await asyncio.sleep(max(self._after_s / 4, 0.05))
            try:
                await self.sweep()
            except Exception:  # noqa: BLE001  whatever a placement is capable of
                log.exception("idle actors cannot leave memory")

    async def sweep(self) -> None:
        """Let every actor go that was not needed for a while and has nothing to do."""
        horizon_s = steady_s() - self._after_s
        unneeded = [key for key, _ in takewhile(lambda touched: touched[1] <= horizon_s, self._touched.items())]
        for n, key in enumerate(unneeded, start=1):
            if key in self._touched and self._touched[key] <= horizon_s:
                await self._passivate(key)
            if n % AT_ONCE == 0:
                await asyncio.sleep(BREAK_S)

    async def make_room(self) -> None:
        """Let the one idle actor go that was not needed for longest, if it is among those that were not."""
        for key in list(islice(self._touched, LOOKS_MAX)):
            if key in self._actors and await self._passivate(key):
                return

    async def _passivate(self, key: Key) -> bool:
        actor = self._actors.get(key)
        if actor is not None:
            if not (actor.is_idle and await _lets_go(actor, self._placement) and actor.is_idle):
                return False
            if self._actors.get(key) is not actor:
                return False  # somebody else let it go meanwhile, and it may have come back since
            del self._actors[key]  # no await since `is_idle` was last asked: nothing can have come in between
        self._touched.pop(key, None)
        return True


async def _lets_go(actor: Hosted, placement: Placement) -> bool:
    """Whether `actor` may leave; one whose placement fails stays, and costs no other its turn."""
    try:
        return await placement.leave(actor)
    except Exception as error:  # noqa: BLE001  a placement may reach other processes, which fail in many ways
        log.warning("%s cannot leave memory: %r", actor.key, error)
        return False
