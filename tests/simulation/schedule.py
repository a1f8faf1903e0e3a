"""One schedule: a world, its people and its havoc, from the first fault to the verdict."""

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from actors.contract import ORDERS, Refused
from actors.runtime.supervisor import Limits
from actors.runtime.tasks import log

from .chance import Trace
from .havoc import Havoc
from .loop import Stalled, VirtualLoop
from .people import People
from .plots import Plots
from .script import Script
from .verdict import wrongs
from .world import World

QUIET_MAX_S = 160.0
"""How long after the last fault everything may take to come to rest: several of the longest backoffs."""

LEAVE_MAX_S = 60.0
"""How long after that the last actor may stay in memory; some wait for a last look at Stripe."""


@dataclass
class Result:
    """What came of a schedule."""

    seed: int
    violation: str | None
    trace: Trace
    faults: Counter[str]
    ends: Counter[str] = field(default_factory=Counter)
    """What became of people's wishes, so that nobody praises a simulation in which nothing happens."""

    virtual_s: float = 0.0
    is_spent: bool = True
    """Whether all that was planned to go wrong went wrong."""


class Defects(logging.Handler):
    """A defect in a background task is logged by the runtime; here it ends the schedule."""

    def __init__(self, world: World) -> None:
        super().__init__(logging.ERROR)
        self._world = world

    def emit(self, record: logging.LogRecord) -> None:
        self._world.violated(record.getMessage())


Play = Callable[[World, People], Coroutine[Any, Any, None]]
"""What happens in a world until it is at rest."""


def run(seed: int, play: Play | None = None, script: Script | None = None, live_max: int = Limits.live_max) -> Result:
    """Run the schedule of `seed` to its verdict; without a play and its script, everything follows from the seed.

    Each supervisor has room for `live_max` actors.
    """
    loop = VirtualLoop()
    world = World(loop, seed, script, live_max)
    people = People(world)
    defects = Defects(world)
    log.addHandler(defects)
    log.propagate = False
    log.setLevel(logging.ERROR)
    loop.set_exception_handler(lambda _, context: _report(world, context))
    try:
        loop.run_until_complete((play or at_random)(world, people))
    except Stalled:
        world.violated("nothing can happen any more")
    except RuntimeError:
        if world.violation is None:
            raise
    finally:
        _close(loop, world)
        log.removeHandler(defects)
        log.propagate = True
        log.setLevel(logging.NOTSET)
    is_spent = script is None or script.is_spent
    return Result(seed, world.violation, world.trace, world.faults.counts, _ends(world, people), loop.time(), is_spent)


async def at_random(world: World, people: People) -> None:
    """Whatever the seed says, until the faults end and everything is quiet."""
    havoc = Havoc(world)
    Plots(world, people).begin()
    await havoc.run(world.chance.between(2, 14))
    havoc.heal()
    world.note("healed")
    await come_to_rest(world, people)
    await _leave_memory(world)


async def come_to_rest(world: World, people: People) -> None:
    """Wait until nothing is under way, and judge."""
    end_s = world.loop.time() + world.window_s + QUIET_MAX_S
    while unfinished := list(people.busy.values()) + world.unfinished():
        if world.loop.time() > end_s:
            world.violated(f"no rest: {'; '.join(unfinished + await world.busy())}")
        await asyncio.sleep(0.5)
    for wrong in wrongs(world, people.told):
        world.violated(wrong)


async def _leave_memory(world: World) -> None:
    """Whoever has nothing to do leaves memory; a leak would stay."""
    if world.passivate_after_s > 60:
        return
    end_s = world.loop.time() + LEAVE_MAX_S
    while there := [f"{copy.name}: {await copy.supervisor.status()}" for copy in world.all_live() if len(copy)]:
        if world.loop.time() > end_s:
            world.violated(f"still in memory: {'; '.join(there)}")
        await asyncio.sleep(1)


def _close(loop: VirtualLoop, world: World) -> None:
    """End what still runs, without a word."""
    loop.set_exception_handler(lambda _loop, _context: None)
    for copies in world.copies.values():
        for copy in copies:
            copy.kill("the end")
    for task in asyncio.all_tasks(loop):
        task.cancel()
    loop.call_soon(loop.stop)
    loop.run_forever()
    loop.close()


def _report(world: World, context: dict[str, object]) -> None:
    if "never retrieved" not in str(context["message"]):
        world.violated(f"{context['message']}: {context.get('exception')!r}")


def _ends(world: World, people: People) -> Counter[str]:
    ends: Counter[str] = Counter()
    for order in world.truths[ORDERS].documents.values():
        ends[f"order {order['status']}, payment {(order.get('payment') or {}).get('status', 'none')}"] += 1
    for told in people.told:
        if isinstance(told.reply, Refused):
            ends[f"refused: {told.reply.code}"] += 1
    return ends
