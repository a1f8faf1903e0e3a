"""A supervisor: routes, recovers, wakes and passivates the actors of one partition."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from actors.runtime import supervisor
from actors.runtime.envelope import UNANSWERED, Envelope
from actors.runtime.memory import Memory
from actors.runtime.message import Address, Message, Overloaded, Reply
from actors.runtime.partition import PartitionMap
from actors.runtime.placement import NoRoom, SharedPlacement
from actors.runtime.supervisor import Limits, Supervisor
from actors.runtime.turn import Turns
from tests.delivered import delivered

from .fakes import DAWN, FakeStore, FakeTransport, clock, envelope, now_s, virtually
from .toy import ANN, EMPTY, JARS, KEY, Count, HasCoins, Put, Take, WakeAt, jars


class Stage:
    """A supervisor of the only partition; `succeed` replaces it by one that knows nothing."""

    def __init__(self, placement: Any = None, **limits: Any) -> None:
        self.store = FakeStore()
        self.transport = FakeTransport()
        self.limits = Limits(**limits)
        self.turns = Turns(jars(), self.store, clock())
        self.placement = placement or SharedPlacement(self.turns, self.store, self.transport)
        self.asked = 0
        self.supervisor = self._make()

    def _make(self) -> Supervisor:
        return Supervisor(
            behaviour=jars(),
            partition=0,
            partition_map=PartitionMap(4, 1),
            store=self.store,
            clock=clock(),
            placement=self.placement,
            limits=self.limits,
        )

    async def succeed(self) -> None:
        await self.supervisor.stop()
        self.supervisor = self._make()
        await self.supervisor.start()

    async def ask(self, *messages: Message, version: int = 4) -> list[Reply]:
        """Every message as an operation of its own."""
        self.asked += 1
        envelopes = [envelope(message, f"{self.asked}.{n}") for n, message in enumerate(messages)]
        return await delivered(self.supervisor, version, envelopes)

    async def elsewhere(self, message: Message) -> None:
        """Another copy takes a turn."""
        await self.turns.take(Memory(), KEY, envelope(message, "elsewhere"))


@virtually
async def test_replies_come_in_the_order_of_the_messages() -> None:
    stage = Stage()
    other = Envelope(Address(service=JARS, key="red"), "red", Take())
    replies = await delivered(stage.supervisor, 4, [envelope(Put(), "1"), other, envelope(Put(), "2")])
    assert replies == [Count(coins=1), EMPTY, Count(coins=2)]


@virtually
async def test_another_map_is_not_served() -> None:
    stage = Stage()
    refused = Overloaded(reason="partition map 3 is not in force, 4 is")
    assert await stage.ask(Put(), Put(), version=3) == [refused, refused]
    assert stage.store.calls == []


@virtually
async def test_slow_answers_hold_up_the_others_only_for_so_long() -> None:
    stage = Stage(patience_s=0.25)
    stage.store.will("commit", 1.0)
    assert await delivered(stage.supervisor, 4, [envelope(Put())]) == [UNANSWERED]
    await asyncio.sleep(1)
    assert await delivered(stage.supervisor, 4, [envelope(Put())]) == [Count(coins=1)]


@virtually
async def test_a_held_question_is_let_go_with_its_asker() -> None:
    stage = Stage(patience_s=0.25)
    assert await stage.ask(HasCoins(at_least=1)) == [UNANSWERED]
    assert len(stage.supervisor) == 1
    assert stage.supervisor._actors[KEY].is_idle


@virtually
async def test_messages_in_flight_are_bounded() -> None:
    stage = Stage(in_flight_max=1)
    stage.store.will("commit", 0.2)
    first = asyncio.create_task(stage.ask(Put()))
    await asyncio.sleep(0.1)
    assert isinstance((await stage.ask(Put()))[0], Overloaded)
    assert await first == [Count(coins=1)]
    assert await stage.ask(Put()) == [Count(coins=2)]


@virtually
async def test_a_cancelled_call_frees_its_place_and_tears_nothing() -> None:
    stage = Stage(in_flight_max=1)
    stage.store.will("commit", 0.2)
    call = asyncio.create_task(stage.ask(Put()))
    await asyncio.sleep(0.1)
    call.cancel()
    await asyncio.sleep(0.2)
    assert ((await stage.supervisor.status())["in_flight"], stage.store.documents[KEY]["coins"]) == (0, 1)


@virtually
async def test_an_actor_is_woken_when_it_is_due() -> None:
    stage = Stage()
    await stage.ask(WakeAt(at=DAWN + timedelta(seconds=5)))
    await asyncio.sleep(4.99)
    assert stage.store.documents[KEY]["coins"] == 0
    await asyncio.sleep(0.02)
    assert stage.store.documents[KEY]["coins"] == 100


@virtually
async def test_a_failed_waking_is_repeated() -> None:
    stage = Stage()
    await stage.ask(WakeAt(at=DAWN + timedelta(seconds=1)))
    stage.store.will("commit", *["before"] * 20)
    await asyncio.sleep(60)
    assert stage.store.documents[KEY]["coins"] == 100


@virtually
async def test_a_successor_serves_deadlines_and_outboxes_at_once() -> None:
    stage = Stage()
    await stage.elsewhere(Put(tell=(ANN,)))
    await stage.ask(WakeAt(at=DAWN + timedelta(seconds=2)))
    await stage.succeed()
    await asyncio.sleep(0.1)
    assert [what for _, what in stage.transport.sent][-1] == "jars/blue/0.0 to listeners/ann"
    await asyncio.sleep(2)
    assert (stage.store.documents[KEY]["coins"], stage.store.outbox(KEY)) == (101, [])


@virtually
async def test_what_another_copy_leaves_later_is_found() -> None:
    stage = Stage()
    await stage.supervisor.start()
    await stage.ask(Take())
    await stage.elsewhere(Put(tell=(ANN,)))
    await asyncio.sleep(7)
    assert stage.store.outbox(KEY) == []


@virtually
async def test_idle_actors_leave_memory_and_come_back() -> None:
    stage = Stage(passivate_after_s=4)
    await stage.supervisor.start()
    await stage.ask(Put())
    assert len(stage.supervisor) == 1
    await asyncio.sleep(6)
    assert len(stage.supervisor) == 0
    assert await stage.ask(Put()) == [Count(coins=2)]


@virtually
async def test_a_passive_actor_is_still_woken() -> None:
    stage = Stage(passivate_after_s=1)
    await stage.supervisor.start()
    await stage.ask(WakeAt(at=DAWN + timedelta(seconds=20)))
    await asyncio.sleep(10)
    assert len(stage.supervisor) == 0
    await asyncio.sleep(10.1)
    assert stage.store.documents[KEY]["coins"] == 100


@virtually
async def test_after_stopping_nothing_happens_any_more() -> None:
    stage = Stage()
    await stage.supervisor.start()
    await stage.ask(WakeAt(at=DAWN + timedelta(seconds=1)))
    await stage.supervisor.stop()
    calls = list(stage.store.calls)
    await asyncio.sleep(60)
    assert stage.store.calls == calls


class Closet(SharedPlacement):
    """Room for one actor."""

    live = 0

    def place(self, key: Any, changed: Any, *, is_spare: bool = False) -> Any:
        if self.live:
            raise NoRoom("there is room for one")
        self.live = 1
        return super().place(key, changed)

    async def leave(self, actor: Any) -> bool:
        self.live = 0
        return True


@virtually
@pytest.mark.parametrize("is_busy", [False, True])
async def test_where_there_is_no_room_the_idle_one_goes(is_busy: bool) -> None:
    stage = Stage()
    stage.placement = Closet(stage.turns, stage.store, stage.transport)
    stage.supervisor = stage._make()
    stage.store.will("commit", 0.2)
    first = asyncio.create_task(stage.ask(Put()))
    await asyncio.sleep(0.1 if is_busy else 0.3)
    red = Envelope(Address(service=JARS, key="red"), "red", Take())
    assert await delivered(stage.supervisor, 4, [red]) == [
        Overloaded(reason="there is room for one") if is_busy else EMPTY
    ]
    assert await first == [Count(coins=1)]


@virtually
async def test_memory_is_bounded_where_actors_cost_nothing_else() -> None:
    """Not even who asks for thousands of things that do not exist has them all remembered."""
    stage = Stage(live_max=3)
    for number in range(9):
        nobody = Envelope(Address(service=JARS, key=f"no {number}"), str(number), Take())
        assert await delivered(stage.supervisor, 4, [nobody]) == [EMPTY]
    assert len(stage.supervisor) == 3


@virtually
async def test_who_is_due_gets_the_room_of_one_that_is_idle() -> None:
    stage = Stage(live_max=1)
    await stage.ask(WakeAt(at=DAWN + timedelta(seconds=5)))
    other = Envelope(Address(service=JARS, key="red"), "red", Put())
    assert await delivered(stage.supervisor, 4, [other]) == [Count(coins=1)]
    await asyncio.sleep(6)
    assert stage.store.documents[KEY]["coins"] == 100, "it was woken"
    assert len(stage.supervisor) == 1


@virtually
async def test_the_status_tells_what_goes_on() -> None:
    stage = Stage()
    await stage.supervisor.start()
    await stage.ask(Put(), WakeAt(at=DAWN + timedelta(seconds=60)))
    await asyncio.sleep(0.1)
    assert await stage.supervisor.status() == {
        "service": JARS,
        "partition": 0,
        "live_actors": 1,
        "queued": 0,
        "in_flight": 0,
        "undelivered": 0,
        "timers": 1,
        "recovered": True,
        "retrying": [],
        "retrying_count": 0,
    }


@virtually
async def test_who_asks_for_the_status_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """A hundred thousand actors may be in memory; messages have their turn between looks at some of them."""
    monkeypatch.setattr(supervisor, "LOOKS_AT_ONCE", 1)
    stage = Stage()
    await stage.ask(Put())
    question = asyncio.create_task(stage.supervisor.status())
    await asyncio.sleep(0)
    assert not question.done()
    assert (await question)["live_actors"] == 1


class House(SharedPlacement):
    """Room for as many actors as `rooms` says."""

    rooms = 3

    def __init__(self, stage: Stage) -> None:
        super().__init__(stage.turns, stage.store, stage.transport)
        self.guests: set[Any] = set()
        self.left: list[Any] = []

    def place(self, key: Any, changed: Any, *, is_spare: bool = False) -> Any:
        if len(self.guests) >= self.rooms:
            raise NoRoom("no room")
        self.guests.add(key)
        return super().place(key, changed)

    async def leave(self, actor: Any) -> bool:
        await asyncio.sleep(0.1)  # others come to the door meanwhile
        self.guests.discard(actor.key)
        self.left.append(actor.key)
        return True


def full_house() -> tuple[Stage, House]:
    stage = Stage()
    house = stage.placement = House(stage)
    stage.supervisor = stage._make()
    return stage, house


def at(key: str, op: str, message: Message) -> Envelope:
    return Envelope(Address(service=JARS, key=key), op, message)


@virtually
async def test_a_crowd_at_one_door_moves_one_idle_actor_out() -> None:
    stage, house = full_house()
    for key in ("a", "b", "c"):
        await delivered(stage.supervisor, 4, [at(key, key, Put())])
    crowd = [at("red", f"red {n}", Put()) for n in range(20)]
    replies = await delivered(stage.supervisor, 4, crowd)
    assert len({str(reply) for reply in replies if isinstance(reply, Count)}) == 20
    assert house.left == ["a"]


@virtually
async def test_what_a_dead_actor_left_gets_room_too() -> None:
    stage, house = full_house()
    for key in ("a", "b", "c"):
        await delivered(stage.supervisor, 4, [at(key, key, Put())])
    await stage.elsewhere(Put(tell=(ANN,)))
    await stage.supervisor.start()
    await asyncio.sleep(7)
    assert stage.store.outbox(KEY) == []
    assert house.left[0] == "a"


@virtually
async def test_a_round_of_the_chore_that_hangs_is_not_the_last() -> None:
    rounds: list[float] = []

    async def hang() -> None:
        rounds.append(now_s())
        await asyncio.Future()

    stage = Stage(chore_every_s=10.0, chore_max_s=60.0)
    stage.supervisor._chore = hang
    await stage.supervisor.start()
    await asyncio.sleep(100)
    assert rounds == [0.0, 70.0]


@virtually
async def test_defects_that_nobody_foresaw_leave_nothing_undelivered() -> None:
    stage = Stage()
    stage.transport.replies.append(RuntimeError("defect"))
    stage.store.will("clear", OverflowError("defect"))
    await stage.supervisor.start()
    await stage.ask(Put(tell=(ANN,)))
    await asyncio.sleep(9)
    assert stage.store.outbox(KEY) == []
