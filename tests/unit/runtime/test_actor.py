"""One actor in memory: its turns never overlap, what it publishes arrives, and nothing is stranded."""

import asyncio

import pytest

from actors.runtime.actor import TURNS_AT_ONCE, Actor
from actors.runtime.clearing import EVERY_S, Clearing
from actors.runtime.envelope import UNANSWERED, Answer
from actors.runtime.memory import Memory
from actors.runtime.message import Message, OutcomeUnknown, Reply
from actors.runtime.store import Unknown
from actors.runtime.turn import Turns

from .fakes import FakeStore, FakeTransport, clock, envelope, now_s, virtually
from .toy import ANN, BOB, EMPTY, KEY, Broken, Changed, Count, HasCoins, Put, Take, jars

LOST = OutcomeUnknown(reason="lost")


class Stage:
    """An actor, its store, and the wire to its subscribers."""

    def __init__(self, *replies: Reply, takes_s: float = 0.0) -> None:
        self.store = FakeStore()
        self.transport = FakeTransport(*replies, takes_s=takes_s)
        self.changes = 0
        self.turns = Turns(jars(), self.store, clock())
        self.actor = Actor(KEY, self.turns, Clearing(self.store), self.transport, self._changed)

    def _changed(self, actor: Actor) -> None:
        assert actor is self.actor
        self.changes += 1

    def submit(self, message: Message, op: str) -> Answer:
        return self.actor.submit(envelope(message, op))

    async def ask(self, message: Message, op: str) -> Reply:
        answer = self.submit(message, op)
        return await answer if isinstance(answer, asyncio.Future) else answer

    async def elsewhere(self, message: Message, op: str) -> None:
        """Another copy takes a turn."""
        await self.turns.take(Memory(), KEY, envelope(message, op))


@virtually
async def test_turns_are_taken_one_after_the_other() -> None:
    stage = Stage()
    stage.store.will("commit", 1.0, 1.0)
    assert await asyncio.gather(*(stage.ask(Put(), f"{n}") for n in range(3))) == [Count(coins=n) for n in (1, 2, 3)]
    assert (now_s(), stage.changes) == (2.0, 3)


@virtually
async def test_a_repeated_operation_joins_the_one_under_way() -> None:
    stage = Stage()
    stage.store.will("commit", 1.0)
    answers = [stage.submit(Put(), "1"), stage.submit(Put(), "1")]
    assert answers[0] is answers[1]
    assert (await answers[0], stage.store.documents[KEY]["coins"]) == (Count(coins=1), 1)


@virtually
async def test_a_refusal_comes_at_once_from_memory() -> None:
    stage = Stage()
    await stage.ask(Take(), "1")
    assert stage.submit(Take(), "2") == EMPTY


@virtually
async def test_a_crowd_that_stood_behind_a_slow_commit_leaves_others_their_turns() -> None:
    stage, rounds = Stage(), 0

    async def go_round() -> None:
        nonlocal rounds
        while True:
            rounds += 1
            await asyncio.sleep(0)

    stage.store.will("commit", 1.0)
    put, taken = stage.submit(Put(), "put"), stage.submit(Take(), "take")
    crowd = [stage.submit(Take(), f"{n}") for n in range(10 * TURNS_AT_ONCE)]
    assert (await put, await taken) == (Count(coins=1), Count(coins=0))
    others = asyncio.create_task(go_round())
    assert await crowd[-1] == EMPTY
    others.cancel()
    assert rounds >= 9


@virtually
async def test_a_vanished_asker_tears_no_turn() -> None:
    stage = Stage()
    stage.store.will("commit", 1.0)
    asking = asyncio.create_task(stage.ask(Put(tell=(ANN,)), "1"))
    await asyncio.sleep(0.5)
    asking.cancel()
    await asyncio.sleep(1)
    assert (stage.store.documents[KEY]["coins"], stage.transport.sent) == (1, [(1.0, "jars/blue/0.0 to listeners/ann")])
    assert await stage.ask(Put(), "2") == Count(coins=2)


@virtually
async def test_a_bad_message_stops_nobody() -> None:
    stage = Stage()
    bad, good = stage.submit(Broken(), "1"), stage.submit(Put(), "2")
    assert await bad == OutcomeUnknown(reason="TypeError: a jar does not understand Broken")
    assert await good == Count(coins=1)


@virtually
async def test_a_defect_after_the_commit_stops_nobody_either(monkeypatch: pytest.MonkeyPatch) -> None:
    stage = Stage()
    defects = [RuntimeError("defect")]

    def changed(_: Actor) -> None:
        if defects:
            raise defects.pop()

    monkeypatch.setattr(stage.actor, "_changed", changed)
    one, other = stage.submit(Put(tell=(ANN,)), "1"), stage.submit(Put(), "2")
    # It is done, and whoever asked does not know: he asks again, and hears it.
    assert await one == OutcomeUnknown(reason="RuntimeError: defect")  # type: ignore[misc]
    assert await other == Count(coins=2)  # type: ignore[misc]
    assert await stage.ask(Put(tell=(ANN,)), "1") == Count(coins=1)
    await asyncio.sleep(1)
    assert [name for _, name in stage.transport.sent] == ["jars/blue/0.0 to listeners/ann"]
    assert stage.actor.is_idle


@virtually
async def test_what_is_published_is_delivered_and_then_cleared() -> None:
    stage = Stage(takes_s=0.1)
    await stage.ask(Put(tell=(ANN, BOB)), "1")
    assert (stage.store.outbox(KEY), stage.actor.undelivered, stage.actor.is_idle) == (["jars/blue/0.0"], 1, False)
    await asyncio.sleep(1)
    assert [what for _, what in stage.transport.sent] == [f"jars/blue/0.0 to {who}" for who in (ANN, BOB)]
    assert (stage.store.outbox(KEY), stage.actor.undelivered, stage.actor.is_idle) == ([], 0, True)


@virtually
async def test_nothing_is_delivered_before_it_is_committed() -> None:
    stage = Stage()
    stage.store.will("commit", "before", "before", 1.0)
    await stage.ask(Put(tell=(ANN,)), "1")
    await asyncio.sleep(0)
    assert stage.transport.sent == [(1.03, "jars/blue/0.0 to listeners/ann")]


@virtually
async def test_a_failed_clearing_is_repeated() -> None:
    stage = Stage()
    stage.store.will("clear", "before", "after")
    await stage.ask(Put(tell=(ANN,)), "1")
    await asyncio.sleep(1)
    assert (stage.store.outbox(KEY), stage.actor.is_idle) == (["jars/blue/0.0"], False)
    await asyncio.sleep(2)
    assert (stage.store.outbox(KEY), stage.actor.is_idle) == ([], True)


@virtually
async def test_what_is_acknowledged_during_a_turn_is_cleared_after_it() -> None:
    stage = Stage(takes_s=0.5)
    await stage.ask(Put(tell=(ANN,)), "1")
    stage.store.will("commit", 1.0)
    await stage.ask(Put(), "2")
    await asyncio.sleep(EVERY_S + 0.1)
    assert (stage.store.outbox(KEY), stage.actor.is_idle) == ([], True)


@virtually
async def test_a_subscribers_reply_can_be_the_answer() -> None:
    stage = Stage(LOST, Count(coins=77))
    assert await stage.ask(Put(tell=(ANN,), wait_for="listeners"), "1") == Count(coins=77)
    assert stage.submit(Put(tell=(ANN,), wait_for="listeners"), "1") == Count(coins=77)


@virtually
async def test_a_turn_does_not_wait_for_a_subscriber() -> None:
    stage = Stage(takes_s=5)
    waiting = stage.submit(Put(tell=(ANN,), wait_for="listeners"), "1")
    assert await stage.ask(Put(), "2") == Count(coins=2)
    assert (now_s(), waiting.done()) == (0.0, False)


@virtually
async def test_a_held_question_is_answered_when_the_state_has_changed() -> None:
    stage = Stage()
    question = stage.submit(HasCoins(at_least=2), "question")
    await stage.ask(Put(), "1")
    await asyncio.sleep(1)
    assert (question.done(), stage.actor.is_idle) == (False, False)
    await stage.ask(Put(), "2")
    assert await question == Count(coins=2)


@virtually
@pytest.mark.parametrize("load_s", [0.0, 1.0])
async def test_a_question_that_nobody_waits_for_is_not_held(load_s: float) -> None:
    """Patience may end while the question is held, or while its own turn is still under way."""
    stage = Stage()
    stage.store.will("load", load_s)
    question = stage.submit(HasCoins(at_least=2), "question")
    await asyncio.sleep(0.25)
    stage.actor.let_go("question")
    await asyncio.sleep(2)
    assert (question.done() and question.result(), stage.actor.is_idle) == (UNANSWERED, True)


@virtually
async def test_a_refresh_delivers_what_another_copy_has_left() -> None:
    stage = Stage()
    await stage.ask(Take(), "1")
    await stage.elsewhere(Put(tell=(ANN,)), "2")
    await stage.actor.refresh()
    await asyncio.sleep(1)
    assert (len(stage.transport.sent), stage.store.outbox(KEY), stage.changes) == (1, [], 2)


@virtually
async def test_a_refresh_leaves_a_turn_alone() -> None:
    stage = Stage()
    stage.store.will("commit", 1.0, 1.0)
    answers = [stage.submit(Put(), "1")]
    await asyncio.sleep(0.5)
    await stage.actor.refresh()
    answers.append(stage.submit(Put(), "2"))
    await asyncio.sleep(0.25)
    assert stage.store.calls == ["load", "commit"]
    assert [await each for each in answers] == [Count(coins=1), Count(coins=2)]
    assert (now_s(), stage.store.calls) == (2.0, ["load", "commit", "commit"])


@virtually
async def test_a_message_during_a_refresh_that_fails_is_not_stranded() -> None:
    stage = Stage()

    async def fail_later() -> None:
        await asyncio.sleep(1)
        raise Unknown("scripted")

    stage.store.will("load", fail_later)
    refreshing = asyncio.create_task(stage.actor.refresh())
    await asyncio.sleep(0.5)
    answer = stage.submit(Put(), "1")
    with pytest.raises(Unknown):
        await refreshing
    assert await answer == Count(coins=1)


@virtually
async def test_an_acknowledgement_during_a_refresh_is_not_stranded() -> None:
    stage = Stage(takes_s=0.5)
    await stage.ask(Put(tell=(ANN,)), "1")
    stage.store.will("load", 1.0)
    await stage.actor.refresh()
    await asyncio.sleep(EVERY_S + 0.1)
    assert (stage.store.outbox(KEY), stage.actor.is_idle) == ([], True)


@virtually
async def test_closing_stops_at_once() -> None:
    stage = Stage(takes_s=1)
    await stage.ask(Put(tell=(ANN,)), "1")
    stage.store.will("commit", 1.0)
    stage.submit(Put(), "2")
    stage.actor.close()
    await asyncio.sleep(9)
    assert (stage.store.documents[KEY]["version"], stage.store.outbox(KEY)) == (0, ["jars/blue/0.0"])


@virtually
async def test_it_speaks_to_itself_under_its_own_address() -> None:
    stage = Stage()
    answer = stage.actor.tell("wake/1", Put())
    assert (await answer, stage.actor.due()) == (Count(coins=1), None)
    assert isinstance(stage.actor.snapshot.outbox, tuple)
    assert Changed(coins=1).addressees() == ()
