"""One turn: recall, decide, commit; and what it may answer from memory alone."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from actors.runtime.clock import steady_s
from actors.runtime.envelope import ACKNOWLEDGED, UNANSWERED
from actors.runtime.lease import Lessor
from actors.runtime.memory import MEMORY_TRUSTED_S, Memory
from actors.runtime.message import Leased, Message, OutcomeUnknown, Reply
from actors.runtime.turn import TRIES_MAX, Outcome, Turns
from actors.runtime.vouching import Vouching

from .fakes import FakeStore, SetClock, clock, envelope, now_s, virtually
from .toy import (
    ANN,
    EMPTY,
    KEY,
    Broken,
    Count,
    Dropped,
    HasCoins,
    Made,
    Put,
    Sent,
    Smash,
    Stillborn,
    Take,
    WakeAt,
    jars,
)


class Table:
    """Turns on a store that may fail, with the memory of one copy of an actor and with that of another."""

    def __init__(self) -> None:
        self.store = FakeStore()
        self.turns = Turns(jars(), self.store, clock())
        self.memory, self.other = Memory(), Memory()

    def lease(self) -> Lessor:
        """From now on refusals are leased; by whom."""
        lessor = Lessor(Vouching(self.store))
        self.turns = Turns(jars(), self.store, clock(), lessor)
        return lessor

    async def take(self, message: Message, op: str = "op") -> Outcome:
        return await self.turns.take(self.memory, KEY, envelope(message, op))

    async def elsewhere(self, message: Message, op: str = "elsewhere") -> None:
        """Another copy takes a turn."""
        self.other.forget()
        await self.turns.take(self.other, KEY, envelope(message, op))

    def at_once(self, message: Message, op: str = "op") -> Reply | None:
        return self.turns.answer_from_memory(self.memory, envelope(message, op))

    @property
    def stored(self) -> tuple[int, int]:
        document = self.store.documents[KEY]
        return document["version"], document["coins"]


@virtually
async def test_a_change_is_committed_before_the_reply() -> None:
    table = Table()
    table.store.will("commit", 0.5)
    assert await table.take(Put(coins=2)) == Outcome(Count(coins=2))
    assert (now_s(), table.stored, table.memory.snapshot.state.coins) == (0.5, (0, 2), 2)


@virtually
async def test_a_refusal_writes_nothing() -> None:
    table = Table()
    assert await table.take(Take()) == Outcome(EMPTY)
    assert table.store.calls == ["load"]


@virtually
async def test_what_is_in_memory_is_not_loaded_again() -> None:
    table = Table()
    await table.take(Put(), "1")
    await table.take(Put(), "2")
    assert table.store.calls == ["load", "commit", "commit"]


@virtually
async def test_a_repeated_operation_gets_its_answer_again() -> None:
    table = Table()
    await table.take(Put(), "1")
    await table.take(Put(), "2")
    assert await table.take(Put(), "1") == Outcome(Count(coins=1))
    table.memory.forget()
    assert await table.take(Put(), "2") == Outcome(Count(coins=2))
    assert table.stored == (1, 2)


@virtually
async def test_a_subscribers_reply_may_be_the_answer() -> None:
    assert (await Table().take(Put(wait_for="listeners"))).reply_from == "listeners"


@virtually
async def test_after_a_conflict_the_command_is_decided_again() -> None:
    table = Table()
    await table.take(Put(), "1")
    await table.elsewhere(Take())
    assert await table.take(Take()) == Outcome(EMPTY)
    assert table.stored == (1, 0)


@virtually
async def test_what_brings_an_actor_into_being_is_committed_without_a_look() -> None:
    table = Table()
    assert await table.take(Made(coins=3)) == Outcome(ACKNOWLEDGED)
    assert (table.store.calls, table.stored) == (["commit"], (0, 3))


@virtually
async def test_an_actor_that_exists_is_not_made_again() -> None:
    table = Table()
    await table.elsewhere(Put(coins=5))
    table.store.calls.clear()
    assert await table.take(Made(coins=3)) == Outcome(ACKNOWLEDGED)
    assert (table.store.calls, table.stored) == (["commit", "load"], (0, 5))


@virtually
async def test_a_birth_that_is_repeated_gets_its_answer_again() -> None:
    table = Table()
    table.store.will("commit", "after")
    assert await table.take(Made(coins=3), "birth") == Outcome(ACKNOWLEDGED)
    table.memory.forget()
    assert await table.take(Made(coins=3), "birth") == Outcome(ACKNOWLEDGED)
    assert (table.store.calls, table.stored) == (["commit", "load", "commit", "load"], (0, 3))


@virtually
async def test_a_birth_that_changes_nothing_is_not_answered_without_a_look() -> None:
    table = Table()
    assert await table.take(Stillborn()) == Outcome(EMPTY)
    assert table.store.calls == ["load"]
    table.memory.forget()
    await table.elsewhere(Put())
    assert await table.take(Stillborn()) == Outcome(Count(coins=1))


@virtually
async def test_who_is_over_leaves_the_store_and_may_begin_anew() -> None:
    table = Table()
    await table.take(Put(coins=2), "1")
    assert await table.take(Smash(), "2") == Outcome(ACKNOWLEDGED)
    assert table.store.documents == {}
    assert await table.take(Put(coins=5), "3") == Outcome(Count(coins=5))
    assert (table.stored, table.store.calls) == ((0, 5), ["load", "commit", "remove", "commit"])


@virtually
async def test_who_never_was_is_not_removed() -> None:
    table = Table()
    assert await table.take(Smash()) == Outcome(ACKNOWLEDGED)
    assert table.store.calls == ["load"]


@virtually
@pytest.mark.parametrize("outcome", ["before", "after"])
async def test_a_removal_in_doubt_is_decided_again(outcome: str) -> None:
    table = Table()
    await table.take(Put(), "1")
    table.store.will("remove", outcome)
    assert await table.take(Smash(), "2") == Outcome(ACKNOWLEDGED)
    assert table.store.documents == {}


@virtually
async def test_only_the_version_that_was_decided_on_is_removed() -> None:
    table = Table()
    await table.take(Put(), "1")
    await table.elsewhere(Put())
    assert await table.take(Smash(), "2") == Outcome(ACKNOWLEDGED)
    assert (table.store.documents, table.store.calls[-3:]) == ({}, ["remove", "load", "remove"])


@virtually
async def test_who_has_something_to_say_is_not_over() -> None:
    table = Table()
    await table.take(Put(tell=(ANN,)), "1")
    with pytest.raises(AssertionError, match="something to say"):
        await table.take(Smash(), "2")
    assert table.stored == (0, 1)


@virtually
async def test_an_unknown_outcome_that_was_written_is_found_by_its_operation() -> None:
    table = Table()
    table.store.will("commit", "after")
    assert await table.take(Put()) == Outcome(Count(coins=1))
    assert (table.store.calls, table.stored) == (["load", "commit", "load"], (0, 1))


@virtually
async def test_an_unknown_outcome_that_was_not_written_is_decided_again() -> None:
    table = Table()
    table.store.will("commit", "before")
    assert await table.take(Put()) == Outcome(Count(coins=1))
    assert (table.store.calls, table.stored) == (["load", "commit", "load", "commit"], (0, 1))


@virtually
async def test_a_failed_read_is_read_again_with_backoff() -> None:
    table = Table()
    table.store.will("load", "before", "before", "before")
    assert await table.take(Put()) == Outcome(Count(coins=1))
    assert now_s() == 0.07


@virtually
async def test_it_says_so_when_it_cannot_know() -> None:
    table = Table()
    table.store.will("load", *["before"] * 99)
    assert await table.take(Put()) == Outcome(OutcomeUnknown(reason="scripted: before"))
    assert (len(table.store.calls), table.memory.snapshot) == (TRIES_MAX, None)


@virtually
async def test_it_does_not_try_for_ever() -> None:
    table = Table()
    slow_failure: Any = [10.0, "before"] * 9
    table.store.will("load", *slow_failure)
    table.store.will("commit", *["before"] * 9)
    outcome = await table.take(Put())
    assert isinstance(outcome.reply, OutcomeUnknown)
    assert 15 < now_s() < 31


@virtually
async def test_a_defect_is_the_callers_to_handle() -> None:
    with pytest.raises(TypeError, match="Broken"):
        await Table().take(Broken())


@virtually
async def test_a_fresh_refusal_may_rest_on_memory() -> None:
    table = Table()
    await table.take(Take(), "1")
    assert table.at_once(Take(), "2") == EMPTY
    table.memory.checked_s = steady_s() - 1.001
    assert table.at_once(Take(), "3") is None
    assert await table.take(Take(), "3") == Outcome(EMPTY)
    assert table.store.calls == ["load", "look"]


@virtually
@pytest.mark.parametrize("ahead_s", [-3_600, 3_600])
async def test_a_clock_that_is_set_makes_memory_neither_old_nor_young(ahead_s: float) -> None:
    table, stepped = Table(), SetClock()
    table.turns = Turns(jars(), table.store, stepped)
    await table.take(Take(), "1")
    stepped.ahead = timedelta(seconds=ahead_s)
    assert table.at_once(Take(), "2") == EMPTY
    await asyncio.sleep(MEMORY_TRUSTED_S + 0.001)
    assert table.at_once(Take(), "3") is None


@virtually
async def test_memory_that_is_asked_for_stays_fresh() -> None:
    table = Table()
    await table.take(WakeAt(at=clock().now()), "wake")
    await table.take(Take(), "1")
    await asyncio.sleep(4.9)
    assert table.at_once(Take(), "2") == EMPTY
    await asyncio.sleep(10)
    assert table.at_once(Take(), "3") is None


@virtually
async def test_what_does_not_exist_is_in_nobodys_demand() -> None:
    table = Table()
    await table.take(Take(), "1")
    await asyncio.sleep(4.9)
    assert table.store.calls == ["load"]


@virtually
async def test_what_a_slow_read_has_made_old_is_not_leased() -> None:
    table = Table()
    table.turns = Turns(jars(), table.store, clock(), Lessor(Vouching(table.store)))
    await table.take(WakeAt(at=clock().now()), "wake")
    table.memory.forget()
    table.store.will("load", 1.5)
    assert await table.take(Take()) == Outcome(EMPTY)


@virtually
async def test_what_would_change_something_is_not_answered_from_memory() -> None:
    table = Table()
    await table.take(Put(), "1")
    assert (table.at_once(Put(), "2"), table.at_once(Put(), "1")) == (None, Count(coins=1))


@virtually
async def test_nothing_is_answered_from_no_memory() -> None:
    assert Table().at_once(Take()) is None


@virtually
async def test_a_held_question_is_unanswered() -> None:
    table = Table()
    assert await table.take(HasCoins(at_least=1)) == Outcome(UNANSWERED)
    assert table.at_once(HasCoins(at_least=1)) == UNANSWERED


@virtually
@pytest.mark.parametrize("message", [Dropped(number=1), Sent()])
async def test_what_comes_from_an_outbox_is_not_acknowledged_from_memory(message: Message) -> None:
    """Here memory says that there is nothing to do, and another copy has made it untrue."""
    table = Table()
    await table.take(Dropped(number=1), "first")
    table.store.documents.clear()  # what another copy may do to a decision: the coin is not there
    assert table.at_once(message) is None
    assert await table.take(message) == Outcome(ACKNOWLEDGED)
    assert table.stored[1] == 1


@virtually
async def test_an_event_that_changes_nothing_is_acknowledged_after_a_fresh_read() -> None:
    table = Table()
    await table.take(Dropped(number=1), "first")
    assert await table.take(Dropped(number=1), "again") == Outcome(ACKNOWLEDGED)
    assert table.store.calls == ["load", "commit", "look"]


@virtually
async def test_what_was_acknowledged_leaves_the_outbox_with_the_next_commit() -> None:
    table = Table()
    await table.take(Put(tell=(ANN,)), "1")
    table.memory.acknowledged = frozenset({"jars/blue/0.0"})
    await table.take(Put(tell=(ANN,)), "2")
    assert (table.store.outbox(KEY), table.memory.acknowledged) == (["jars/blue/1.0"], set())


@virtually
async def test_what_is_acknowledged_while_a_commit_is_under_way_is_not_forgotten() -> None:
    table = Table()
    await table.take(Put(tell=(ANN,)), "1")

    async def acknowledge() -> None:
        table.memory.acknowledged |= {"jars/blue/0.0"}

    table.store.will("commit", acknowledge)
    await table.take(Put(), "2")
    assert (table.store.outbox(KEY), table.memory.snapshot.outbox) == (["jars/blue/0.0"], ())
    assert table.memory.acknowledged == {"jars/blue/0.0"}


@virtually
async def test_a_read_forgets_acknowledgements_that_the_store_has_taken() -> None:
    table = Table()
    await table.take(Put(tell=(ANN,)), "1")
    table.memory.acknowledged = frozenset({"jars/blue/0.0", "jars/blue/9.9"})
    await table.turns.load(table.memory, KEY)
    assert (table.memory.acknowledged, table.memory.snapshot.outbox) == ({"jars/blue/0.0"}, ())


@virtually
async def test_a_refusal_is_leased_and_a_change_waits_for_the_lease() -> None:
    table = Table()
    lessor = table.lease()
    await table.take(WakeAt(at=clock().now()), "wake")
    leased = Leased(refusal=EMPTY, version=0, for_s=1.0)
    assert (table.at_once(Take()), await table.take(Take())) == (leased, Outcome(leased))
    assert table.at_once(Stillborn()) == EMPTY, "of this one it is not known that everybody is refused"

    lessor.holders.add(Never())
    committing = asyncio.ensure_future(table.take(Put(), "put"))
    await asyncio.sleep(0.9)
    assert table.stored == (0, 0)
    assert await committing == Outcome(Count(coins=1))
    assert (now_s(), table.stored) == (1.0, (1, 1))


@virtually
async def test_the_eager_hear_of_a_change_that_refuses_them_once_it_is_committed() -> None:
    table, eager = Table(), Never()
    table.lease().holders.add(eager)
    await table.take(Put(coins=2), "put")
    await table.take(Take(), "the one before the last")
    table.store.will("commit", 0.3)
    taking = asyncio.ensure_future(table.take(Take(), "the last"))
    await asyncio.sleep(0.2)
    assert eager.given == []
    await taking
    assert eager.given == [(KEY, Take, Leased(refusal=EMPTY, version=2, for_s=1.0))]


@virtually
async def test_what_a_slow_commit_has_made_old_is_leased_to_nobody() -> None:
    table, eager = Table(), Never()
    table.lease().holders.add(eager)
    await table.take(Put(), "put")
    table.store.will("commit", 1.1)
    await table.take(Take(), "the last")
    assert eager.given == []


class Never:
    """A holder that wants leases, and never gives any back."""

    is_eager = True

    def __init__(self) -> None:
        self.given: list[Any] = []

    def give(self, key: Any, kind: type[Message], leased: Leased) -> None:
        self.given.append((key, kind, leased))

    def take_back(self, _key: Any) -> asyncio.Future[None]:
        return asyncio.get_running_loop().create_future()
