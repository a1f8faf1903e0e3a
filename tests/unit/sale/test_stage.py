"""Who is heard in the end."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from actors.runtime.clock import SystemClock
from cluster.audit.sources import Sources
from cluster.local.errors import ProofError
from cluster.sale import stage as stage_module
from cluster.sale.api_witness import ApiWitness
from cluster.sale.books_witness import BooksWitness
from cluster.sale.figures import Figures
from cluster.sale.place import Place
from cluster.sale.plan import Plan
from cluster.sale.stage import Stage, set_up, witnesses_of
from cluster.sale.steps import Answer, Step

NOBODY: Any = None
THERE = Place(url="http://127.0.0.1:9", is_own=False, jwt_key=None)
BOOKS = Sources(mongo_url="mongodb://127.0.0.1:9", database="shop", stripe_key="", stripe_api_base=None)


async def kinds(place: Place) -> list[type]:
    async with witnesses_of(place, Stage([], []), NOBODY, Figures()) as witnesses:
        return [type(each) for each in witnesses]


async def test_the_api_is_heard_also_where_mongodb_can_be_read() -> None:
    assert await kinds(THERE) == [ApiWitness]
    assert await kinds(replace(THERE, books=BOOKS)) == [BooksWitness, ApiWitness]


async def test_the_marketplaces_clock_is_the_witnesss_own() -> None:
    stage = Stage([], [], SystemClock())
    async with witnesses_of(THERE, stage, NOBODY, Figures()) as [api]:
        assert isinstance(api, ApiWitness)
        assert api.clock is stage.clock


class FallsSilent:
    """A marketplace that says that it is ready, and nothing after that."""

    url = "http://shop"

    async def once(self, step: Step, _: dict[str, str]) -> tuple[Answer, float]:
        assert step.path == "/api/ready"
        return Answer(200), 0.0

    async def ask(self, *_: Any, **__: Any) -> Answer:
        await asyncio.sleep(3_600)
        return Answer(0)


async def test_a_preparation_that_gets_nowhere_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage_module, "prepare_max_s", lambda *_: 0.05)
    silent: Any = FallsSilent()
    async with asyncio.timeout(5):
        with pytest.raises(ProofError, match="not ready at http://shop within"):
            await set_up(Plan(buyers=2, tickets=1), THERE, silent)
