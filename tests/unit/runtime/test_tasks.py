"""Tasks that belong to whoever runs them: nothing of whoever asked comes along, as his place in Ray's calls."""

from contextvars import ContextVar

from actors.runtime.tasks import own, spawn
from serve_app.errands import Errands

from .fakes import virtually

CALL = ContextVar("CALL", default="none")


async def seen() -> str:
    """The call that this is part of."""
    return CALL.get()


@virtually
async def test_own_work_is_no_part_of_the_call_that_asks_for_it() -> None:
    CALL.set("mine")
    assert (await seen(), await own(seen())) == ("mine", "none")


@virtually
async def test_a_task_in_the_background_neither() -> None:
    CALL.set("mine")
    found: list[str] = []

    async def look() -> None:
        found.append(await seen())

    await spawn(look(), set())
    assert found == ["none"]


@virtually
async def test_an_errand_neither() -> None:
    CALL.set("mine")
    assert await Errands().run(seen()) == "none"
