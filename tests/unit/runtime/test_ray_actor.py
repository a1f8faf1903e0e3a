"""The process of one dedicated actor, without Ray: what was left is delivered, and nothing is taken while it leaves."""

import asyncio

import pytest

from actors.runtime import ray_dedicated
from actors.runtime.actor import Actor
from actors.runtime.clearing import EVERY_S, Clearing
from actors.runtime.envelope import UNANSWERED
from actors.runtime.listener import Reach, Take
from actors.runtime.memory import Memory
from actors.runtime.message import Key, Message, Reply
from actors.runtime.ray_dedicated import LEAVING, NO_MAP, RayActor
from actors.runtime.turn import Turns

from .fakes import FakeStore, FakeTransport, clock, envelope, virtually
from .toy import ANN, KEY, Count, HasCoins, Put, jars

PATIENCE_S = 2.0


class Started:
    """A process; its messages come from the test instead of a socket."""

    def __init__(self) -> None:
        self.store, self.transport = FakeStore(), FakeTransport()
        self.turns = Turns(jars(), self.store, clock())
        self.process = object.__new__(RayActor)

    async def start(self, monkeypatch: pytest.MonkeyPatch) -> RayActor:
        monkeypatch.setattr(ray_dedicated, "listen", self._listen)
        await RayActor.__init__(self.process, self._build, KEY, PATIENCE_S)
        return self.process

    async def _build(self, key: Key) -> Actor:
        return Actor(key, self.turns, Clearing(self.store), self.transport, lambda _: None)

    async def _listen(self, take: Take) -> Reach:
        self._take = take
        return Reach("", 0, b"")

    def ask(self, message: Message, op: str) -> asyncio.Future[Reply]:
        heard: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._take(NO_MAP, [envelope(message, op)], lambda _, reply: heard.set_result(reply))
        return heard

    async def earlier(self, message: Message) -> None:
        """An earlier process takes a turn, and ends."""
        await self.turns.take(Memory(), KEY, envelope(message, "earlier"))

    async def delivered(self) -> list[str]:
        """What has arrived, shortly afterwards."""
        await asyncio.sleep(0.1)
        return [what for _, what in self.transport.sent]


@virtually
async def test_one_that_leaves_takes_no_further_message(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started()
    process = await started.start(monkeypatch)
    assert await started.ask(Put(), "1") == Count(coins=1)
    assert await process.leave()
    assert await started.ask(Put(), "2") == LEAVING
    assert started.store.documents[KEY]["coins"] == 1


@virtually
async def test_one_that_is_busy_stays_and_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started()
    process = await started.start(monkeypatch)
    started.store.will("commit", 1.0)
    first = started.ask(Put(), "1")
    await asyncio.sleep(0.5)
    assert not await process.leave()
    assert [await first, await started.ask(Put(), "2")] == [Count(coins=1), Count(coins=2)]


@virtually
async def test_a_question_that_nobody_waits_for_any_more_keeps_it_from_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started()
    process = await started.start(monkeypatch)
    question = started.ask(HasCoins(at_least=1), "question")
    await asyncio.sleep(PATIENCE_S / 2)
    assert not await process.leave()
    assert await question == UNANSWERED
    assert await process.leave()


@virtually
async def test_what_an_earlier_process_has_left_is_delivered_at_the_start(monkeypatch: pytest.MonkeyPatch) -> None:
    started = Started()
    await started.earlier(Put(tell=(ANN,)))
    await started.start(monkeypatch)
    assert await started.delivered() == ["jars/blue/0.0 to listeners/ann"]
    await asyncio.sleep(EVERY_S)
    assert started.store.outbox(KEY) == []


@pytest.mark.parametrize(
    "trouble", ["before", LookupError("another version wrote it")], ids=["no answer", "unreadable"]
)
@virtually
async def test_where_it_cannot_look_at_the_start_it_looks_when_it_is_told_to(
    monkeypatch: pytest.MonkeyPatch, trouble: object
) -> None:
    started = Started()
    await started.earlier(Put(tell=(ANN,)))
    started.store.will("load", trouble)
    process = await started.start(monkeypatch)
    assert await started.delivered() == []
    await process.refresh()
    assert await started.delivered() == ["jars/blue/0.0 to listeners/ann"]
