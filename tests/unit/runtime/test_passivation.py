"""Idle actors leave memory, busy ones stay."""

import asyncio
from typing import Any

from actors.runtime.passivation import Passivation

from .fakes import virtually


class Idler:
    """An actor that is idle as long as nobody says otherwise."""

    key = "idler"

    def __init__(self, is_idle: bool = True, is_lost: bool = False) -> None:
        self.is_idle = is_idle
        self.is_lost = is_lost


class Inn:
    """A placement that lets everyone leave, unless somebody comes in just then."""

    def __init__(self) -> None:
        self.left: list[Idler] = []
        self.disturb = False

    async def leave(self, actor: Any) -> bool:
        await asyncio.sleep(0)
        if actor.is_lost:
            raise RuntimeError("its process is gone")
        actor.is_idle = not self.disturb
        self.left.append(actor)
        return True


def passivation(actors: dict[Any, Any], inn: Inn | None = None) -> Passivation:
    made = Passivation(10, actors, inn or Inn())
    for key in actors:
        made.touch(key)
    return made


@virtually
async def test_who_was_not_needed_for_a_while_leaves() -> None:
    actors: dict[Any, Any] = {"a": Idler(), "b": Idler()}
    made = passivation(actors)
    await asyncio.sleep(5)
    made.touch("a")
    await made.sweep()
    assert set(actors) == {"a", "b"}
    await asyncio.sleep(5)
    await made.sweep()
    assert set(actors) == {"a"}


@virtually
async def test_who_is_busy_stays_until_he_is_not() -> None:
    actors: dict[Any, Any] = {"a": Idler(is_idle=False)}
    made = passivation(actors)
    await asyncio.sleep(11)
    await made.sweep()
    assert set(actors) == {"a"}
    actors["a"].is_idle = True
    await made.sweep()
    assert actors == {}


@virtually
async def test_who_gets_a_message_while_leaving_stays() -> None:
    actors: dict[Any, Any] = {"a": Idler()}
    inn = Inn()
    made = passivation(actors, inn)
    inn.disturb = True
    await asyncio.sleep(11)
    await made.sweep()
    assert (set(actors), len(inn.left)) == ({"a"}, 1)


@virtually
async def test_room_is_made_by_the_one_who_was_idle_for_longest() -> None:
    actors: dict[Any, Any] = {"busy": Idler(is_idle=False), "old": Idler(), "new": Idler()}
    made = passivation(actors)
    await made.make_room()
    assert set(actors) == {"busy", "new"}


@virtually
async def test_one_that_cannot_be_let_go_costs_no_other_its_turn() -> None:
    actors: dict[Any, Any] = {"lost": Idler(is_lost=True), "old": Idler(), "new": Idler()}
    made = passivation(actors)
    await made.make_room()
    assert set(actors) == {"lost", "new"}
    await asyncio.sleep(11)
    await made.sweep()
    assert set(actors) == {"lost"}


@virtually
async def test_two_who_let_the_same_one_go_do_not_let_its_successor_go() -> None:
    actors: dict[Any, Any] = {"a": Idler()}
    inn = Inn()
    made = passivation(actors, inn)
    sweep = asyncio.create_task(made.make_room())
    await made.make_room()
    successor = actors["a"] = Idler()
    made.touch("a")
    await sweep
    assert actors == {"a": successor}


@virtually
async def test_it_sweeps_by_itself() -> None:
    actors: dict[Any, Any] = {"a": Idler()}
    made = passivation(actors)
    task = asyncio.create_task(made.run())
    await asyncio.sleep(13)
    assert actors == {}
    task.cancel()


@virtually
async def test_a_sweep_that_fails_is_followed_by_the_next() -> None:
    class Defective(Idler):
        @property
        def is_idle(self) -> bool:  # type: ignore[override]
            if not self.asked:
                self.asked = True
                raise RuntimeError("defect")
            return True

        @is_idle.setter
        def is_idle(self, _: bool) -> None:
            self.asked = getattr(self, "asked", False)

    actors: dict[Any, Any] = {"a": Defective()}
    task = asyncio.create_task(passivation(actors).run())
    await asyncio.sleep(20)
    assert actors == {}
    task.cancel()
