"""A store that fails: what one process sees of the truth."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence, Set as AbstractSet
from datetime import datetime
from typing import TYPE_CHECKING, Any

from actors.runtime.message import Key
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Due, Owed, Unknown

from .faults import READ_FAULTS, WRITE_FAULTS
from .truth import Truth, at_once

if TYPE_CHECKING:
    from .process import Process

Effect = Callable[[], Coroutine[Any, Any, Any]]
"""One operation of the real store; atomic."""

SLOW_S = (0.1, 2.5)
LATE_S = (0.05, 12.0)
"""How much later than its time-out a write may land."""


class FaultyStore:
    """Answers late, or not at all, or with a lie of omission: `Unknown` for what was written."""

    def __init__(self, process: "Process", truth: Truth) -> None:
        self._process = process
        self._world = process.world
        self._truth = truth

    async def load(self, key: Key) -> Snapshot | None:
        return await self._operate("load", key, READ_FAULTS, lambda: self._truth.load(key))

    async def beside(self, key: Key, below: int, above: int) -> list[Snapshot]:
        return await self._operate("load", "", READ_FAULTS, lambda: self._truth.beside(key, below, above))

    async def versions_of(self, keys: Sequence[Key]) -> list[int]:
        return await self._operate("load", "", READ_FAULTS, lambda: self._truth.versions_of(keys))

    async def peek(self, key: Key) -> dict[str, Any] | None:
        """The document itself, as somebody outside of the runtime reads it."""
        return await self._operate("load", key, READ_FAULTS, lambda: self._truth.peek(key))

    async def commit(self, snapshot: Snapshot, due: datetime | None) -> None:
        await self._operate("commit", snapshot.key, WRITE_FAULTS, lambda: self._truth.commit(snapshot, due))

    async def remove(self, key: Key, version: int) -> None:
        await self._operate("remove", key, WRITE_FAULTS, lambda: self._truth.remove(key, version))

    async def clear(self, entries: Mapping[Key, AbstractSet[str]]) -> None:
        await self._operate("clear", " ".join(map(str, entries)), WRITE_FAULTS, lambda: self._truth.clear(entries))

    async def owed(self, slots: range, before: datetime, limit: int, skip: int = 0) -> list[Owed]:
        return await self._operate("owed", "", READ_FAULTS, lambda: self._truth.owed(slots, before, limit, skip))

    async def due(self, slots: range, until: datetime, limit: int) -> list[Due]:
        return await self._operate("due", "", READ_FAULTS, lambda: self._truth.due(slots, until, limit))

    async def _operate(self, what: str, key: Key, kinds: Sequence[str], effect: Effect) -> Any:
        """Send the operation on its way and wait for what the store says of it, if it says anything."""
        process, world = self._process, self._world
        await process.reach(f"{what} before")
        fault = world.faults.draw(kinds, f"{what} {self._truth.service}")
        answer: asyncio.Future[tuple[bool, Any]] = world.loop.create_future()
        delay_s = world.chance.between(0.0005, 0.006)
        if fault in ("write slow", "read slow") or (fault and world.chance.hit(0.5)):
            delay_s += world.chance.between(*SLOW_S)
        if fault in ("write fails before", "read fails"):
            world.later(delay_s, _settle, answer, False, Unknown(f"simulated: {fault}"))
        elif fault == "write lands late":
            world.later(delay_s, _settle, answer, False, Unknown(f"simulated: {fault}"))
            world.later(delay_s + world.chance.between(*LATE_S), self._apply, what, key, effect, None, fault)
        else:
            world.later(delay_s, self._apply, what, key, effect, answer, fault)
        good, value = await answer
        await process.reach(f"{what} after")
        if not good:
            raise value
        return value

    def _apply(self, what: str, key: Key, effect: Effect, answer: "Answer | None", fault: str | None) -> None:
        """The operation takes effect, whether or not whoever asked for it is still there."""
        try:
            outcome = True, at_once(effect())
        except Exception as error:  # noqa: BLE001  a conflict, which is the caller's to handle
            outcome = False, error
        if key:
            self._world.note(what, self._process.name, key, fault or "", "" if outcome[0] else outcome[1])
        if answer is not None:
            if fault == "write fails after":
                outcome = False, Unknown(f"simulated: {fault}")
            self._world.later(self._world.chance.between(0.0003, 0.004), _settle, answer, *outcome)


Answer = asyncio.Future[tuple[bool, Any]]


def _settle(answer: Answer, good: bool, value: Any) -> None:
    if not answer.done():
        answer.set_result((good, value))
