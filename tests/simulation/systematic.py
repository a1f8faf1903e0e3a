"""Every fault at every step of every way to pay, alone; and in pairs, some with a crash between the two.

python -m tests.simulation pay_by_token 17.2 23.crash       # the third fault at step 17, a crash from step 23 on
"""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice, takewhile
from random import Random

from .people import People
from .schedule import Result, come_to_rest, run
from .script import Script, Step, Strike
from .ways import GIVEN, WAYS, Cast
from .world import World

SEED = 3
"""Gives the ways their times; what goes wrong is in the plan."""

NEAR = 30
"""How many steps after the first the second fault of a pair strikes at the most."""

DELAYS = ("read slow", "write slow", "message slow")
"""What alone only takes time: worth a place in a pair."""

RESTART_S = 0.25
"""How long a place is empty after its process has died."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One schedule: a way, and what goes wrong on it."""

    way: str
    strikes: tuple[Strike, ...] = ()

    def __str__(self) -> str:
        """As it is written on the command line."""
        return " ".join([self.way, *(f"{each.step}.{'crash' if each.crash else each.choice}" for each in self.strikes)])


def read(words: Sequence[str]) -> Plan:
    """A plan from the command line."""
    parts = [word.split(".") for word in words[1:]]
    strikes = [Strike(int(a), crash=True) if b == "crash" else Strike(int(a), int(b)) for a, b in parts]
    return Plan(words[0], tuple(strikes))


def play(plan: Plan) -> Result:
    """Run one schedule to its verdict."""
    return run_script(plan, Script(plan.strikes, GIVEN.get(plan.way, ())))


def run_script(plan: Plan, script: Script) -> Result:
    async def act(world: World, people: People) -> None:
        for place in world.copies:
            world.start(place)
        caretaker = asyncio.ensure_future(_keep_manned(world))
        people.enter(plan.way, _walk(plan.way, Cast.of(world, people)))
        while people.busy or world.unfinished(news=False):
            await asyncio.sleep(0.25)
            if world.loop.time() > 200:
                break
        script.end = len(script.steps)
        await come_to_rest(world, people)
        caretaker.cancel()

    return run(SEED, act, script)


async def _walk(way: str, cast: Cast) -> None:
    await cast.reserve()
    await WAYS[way](cast)


async def _keep_manned(world: World) -> None:
    """A place whose process has died gets another one."""
    while True:
        for place in world.copies:
            if not world.live(place):
                world.start(place)
        await asyncio.sleep(RESTART_S)


@cache
def steps(way: str) -> tuple[Step, ...]:
    """All occasions for faults when nothing goes wrong on this way."""
    script = Script(given=GIVEN.get(way, ()))
    result = run_script(Plan(way), script)
    assert result.violation is None, f"{way} goes wrong by itself: {result.violation}"
    return tuple(script.steps[: script.end])


def singles(way: str) -> Iterator[Plan]:
    """Each fault at each step, alone; steps that an earlier way begins with as well are struck on that way."""
    for n, step in islice(enumerate(steps(way)), shared(way), None):
        for choice in (choice for choice, kind in enumerate(step.kinds) if kind not in DELAYS):
            yield Plan(way, (Strike(n, choice, step.crash),))


def shared(way: str) -> int:
    """How many steps a way has in common with the beginning of an earlier one."""
    earlier = takewhile(lambda each: each != way, WAYS)
    pairwise = (zip(steps(way), steps(other), strict=False) for other in earlier)
    return max((sum(1 for _ in takewhile(lambda both: both[0] == both[1], each)) for each in pairwise), default=0)


def pairs(way: str, number: int, seed: int = 0, begin: str = "", near: int = NEAR) -> Iterator[Plan]:
    """So many pairs, `near` to each other; every third with a crash between. They `begin` with this fault, or with any.

    The first faults are spread over the sorts of steps, so that the few at Stripe and the banks have their share.
    """
    random = Random(f"{way} {seed}")
    sorts: dict[str, list[int]] = {}
    for n, step in enumerate(steps(way)):
        if not step.crash and (begin in step.kinds or not begin):
            sorts.setdefault(step.kinds[0], []).append(n)
    for n in range(number):
        first, gap = random.choice(random.choice(list(sorts.values()))), random.randint(1, near)
        choice = steps(way)[first].kinds.index(begin) if begin else random.randrange(60)
        strikes = [Strike(first, choice), Strike(first + gap, random.randrange(60))]
        if n % 3 == 0:
            strikes.insert(1, Strike(first + random.randint(0, gap), crash=True))
        yield Plan(way, tuple(strikes))
