"""A link and a listener, over a real connection: replies in any order, a key, and no future that is never settled."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence

import msgspec
import pytest

from actors.runtime import link as link_module, listener as listener_module, tenant as tenant_module
from actors.runtime.clock import SystemClock, steady_s
from actors.runtime.envelope import ACKNOWLEDGED, Envelope
from actors.runtime.frames import framed
from actors.runtime.hearing import Say
from actors.runtime.lease import LEASE_FOR_S, Lessor
from actors.runtime.link import Link
from actors.runtime.listener import KEY_BYTES, Listener, Reach
from actors.runtime.memory import Memory
from actors.runtime.memory_store import MemoryStore
from actors.runtime.message import Address, OutcomeUnknown, Overloaded, Refused, Reply
from actors.runtime.partition import PartitionMap
from actors.runtime.patience import SILENT_LOOKS_MAX
from actors.runtime.placement import SharedPlacement
from actors.runtime.pulse import DEAF_S
from actors.runtime.snapshot import Snapshot
from actors.runtime.supervisor import Limits, Supervisor
from actors.runtime.turn import Turns
from actors.runtime.vouching import Vouching
from actors.runtime.wire import Call, pack_call
from tests.unit.api.fakes import until

from .fakes import FakeStore, FakeTransport, envelope
from .toy import EMPTY, JARS, KEY, Count, Jar, Put, Take, Whisper, jars

LIMIT_S = 5


class Office:
    """Takes messages, and replies when it is told to."""

    def __init__(self) -> None:
        self.calls: list[tuple[int, list[str]]] = []
        self.waiting: dict[str, tuple[Say, int]] = {}
        self.came = asyncio.Event()

    def take(self, map_version: int, envelopes: Sequence[Envelope], say: Say) -> None:
        self.calls.append((map_version, [each.op for each in envelopes]))
        self.waiting |= {each.op: (say, n) for n, each in enumerate(envelopes)}
        self.came.set()

    def reply(self, op: str, reply: Reply = ACKNOWLEDGED) -> None:
        say, n = self.waiting.pop(op)
        say(n, reply)

    async def until_it_has(self, *ops: str) -> None:
        async with asyncio.timeout(LIMIT_S):
            while not set(ops) <= self.waiting.keys():
                self.came.clear()
                await self.came.wait()


@pytest.fixture
async def office() -> Office:
    return Office()


@pytest.fixture
async def lessor() -> Lessor:
    return Lessor(Vouching(MemoryStore(jars())))


def fresh() -> Memory:
    """What was compared with the store just now."""
    return Memory(Snapshot(KEY, Jar(id=KEY)), steady_s())


@pytest.fixture
async def listener(office: Office, lessor: Lessor) -> AsyncIterator[Listener]:
    listener = Listener(office.take, lessor)
    yield listener
    listener.close()


@pytest.fixture
async def reach(listener: Listener) -> Reach:
    return await listener.open("127.0.0.1")


def link_to(reach: Reach | Exception, map_version: int = 4) -> Link:
    async def find() -> Reach:
        if isinstance(reach, Exception):
            raise reach
        return reach

    return Link(find, map_version)


def put(op: str) -> Envelope:
    return envelope(Put(), op)


async def within(future: asyncio.Future[Reply]) -> Reply:
    return await asyncio.wait_for(future, LIMIT_S)


async def hung_up(reach: Reach, *sent: bytes) -> bytes:
    """What a visitor hears who sends this, until the listener hangs up."""
    reader, writer = await asyncio.open_connection(reach.host, reach.port)
    writer.write(b"".join(sent))
    try:
        return await asyncio.wait_for(reader.read(), LIMIT_S)
    except ConnectionResetError:
        return b""
    finally:
        writer.close()


async def test_what_is_asked_at_once_travels_together_and_returns_in_any_order(office: Office, reach: Reach) -> None:
    link = link_to(reach)
    first, second, third = (link.ask(put(op)) for op in "abc")
    await office.until_it_has("a", "b", "c")
    assert office.calls == [(4, ["a", "b", "c"])]

    office.reply("c", Refused(code="no", message="No"))
    assert await within(third) == Refused(code="no", message="No")
    office.reply("a")
    assert await within(first) == ACKNOWLEDGED
    assert not second.done()
    assert len(link) == 1


async def test_whoever_waits_may_vanish(office: Office, reach: Reach) -> None:
    link = link_to(reach)
    gone, waiting = link.ask(put("gone")), link.ask(put("waiting"))
    await office.until_it_has("gone", "waiting")
    gone.cancel()
    office.reply("gone")
    office.reply("waiting")
    assert await within(waiting) == ACKNOWLEDGED


async def test_a_supervisor_that_goes_leaves_every_outcome_unknown(
    office: Office, listener: Listener, reach: Reach
) -> None:
    link = link_to(reach)
    asked = link.ask(put("a"))
    await office.until_it_has("a")

    listener.close()

    assert isinstance(await within(asked), OutcomeUnknown)
    assert link.is_lost
    assert await within(link.ask(put("b"))) == OutcomeUnknown(reason="the connection is lost")


async def test_a_supervisor_that_cannot_be_found_too() -> None:
    link = link_to(LookupError("nobody is called that\nat all"))
    assert await within(link.ask(put("a"))) == OutcomeUnknown(reason="LookupError: nobody is called that")
    assert link.is_lost


async def test_who_was_stopped_grants_nobody_what_they_left(office: Office, listener: Listener, reach: Reach) -> None:
    # Given a supervisor that was stopped while it was asked: it has missed its own beats,
    link, other = link_to(reach), link_to(reach)
    for each in (link, other):
        heard = each.ask(put("before"))
        await office.until_it_has("before")
        office.reply("before")
        assert await within(heard) == ACKNOWLEDGED
    assert listener._pulse is not None
    listener._pulse._beat_s -= 60

    # when it goes on, then it begins nothing of what lay in its lines, and everybody knows.
    assert isinstance(await within(link.ask(put("left"))), OutcomeUnknown)
    await until("the others to be hung up on", lambda: other.is_lost)
    assert "left" not in office.waiting

    # Who asks from now on is served.
    listener._pulse._beat()
    await asyncio.sleep(DEAF_S)
    again = link_to(reach).ask(put("again"))
    await office.until_it_has("again")
    office.reply("again")
    assert await within(again) == ACKNOWLEDGED


async def test_what_cannot_be_packed_leaves_nobody_waiting(office: Office, reach: Reach) -> None:
    link = link_to(reach)
    good, bad = link.ask(put("good")), link.ask(put("\ud800"))
    for each in (good, bad):
        assert "cannot be packed" in str(await within(each))
    assert link.is_lost


async def test_a_reply_that_cannot_be_packed_leaves_nobody_waiting(office: Office, reach: Reach) -> None:
    link = link_to(reach)
    asked = link.ask(put("a"))
    await office.until_it_has("a")
    office.reply("a", Refused(code="no", message="\ud800"))
    assert isinstance(await within(asked), OutcomeUnknown)


async def test_a_message_that_is_never_answered_ends_the_link(
    office: Office, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "LOOK_EVERY_S", 0.01)
    link = link_to(reach)
    forgotten = link.ask(put("forgotten"))

    async def talk() -> None:
        while True:
            link.ask(put("other"))
            await office.until_it_has("other")
            office.reply("other")

    talking = asyncio.create_task(talk())
    assert "was not answered" in str(await within(forgotten))
    talking.cancel()


async def test_a_supervisor_that_owes_a_reply_and_is_silent_is_given_up(
    office: Office, reach: Reach, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "LOOK_EVERY_S", 0.01)
    link = link_to(reach)
    answered = link.ask(put("answered"))
    await office.until_it_has("answered")
    office.reply("answered")
    assert await within(answered) == ACKNOWLEDGED
    await asyncio.sleep(0.01 * 2 * SILENT_LOOKS_MAX)
    assert not link.is_lost, "it owes nothing"

    assert "no word" in str(await within(link.ask(put("silent"))))


async def test_only_so_many_may_wait(office: Office, reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(link_module, "PENDING_MAX", 2)
    link = link_to(reach)
    link.ask(put("a"))
    link.ask(put("b"))
    assert isinstance(await within(link.ask(put("c"))), Overloaded)


async def test_nobody_is_let_in_without_the_key(office: Office, reach: Reach) -> None:
    wrong = Reach(reach.host, reach.port, bytes(KEY_BYTES))
    assert isinstance(await within(link_to(wrong).ask(put("a"))), OutcomeUnknown)
    assert office.calls == []
    assert reach.key.hex() not in repr(reach)
    assert str(reach.key) not in repr(reach)


async def test_strangers_are_sent_away(office: Office, reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    call = framed(pack_call(Call(0, 4, [put("a")])))
    assert await hung_up(reach, call) == b""
    assert await hung_up(reach, b"GET / HTTP/1.1\r\n\r\n") == b""
    assert await hung_up(reach, framed(reach.key), framed(b"no message at all")) == b""
    assert await hung_up(reach, framed(reach.key), struct.pack(">I", 2**31)) == b""
    monkeypatch.setattr(listener_module, "KEY_WITHIN_S", 0.05)
    assert await hung_up(reach) == b"", "who shows no key in time"
    assert office.calls == []


async def test_only_strangers_are_limited(office: Office, monkeypatch: pytest.MonkeyPatch, reach: Reach) -> None:
    """Every dedicated ticket has a connection of its own to the orders: replicas come in all the same."""
    monkeypatch.setattr(listener_module, "STRANGERS_MAX", 1)
    links = []
    for op in "abc":
        links.append(link_to(reach))
        links[-1].ask(put(op))
        await office.until_it_has(op)
    strangers = [await asyncio.open_connection(reach.host, reach.port) for _ in range(2)]
    assert await asyncio.wait_for(strangers[1][0].read(), LIMIT_S) == b"", "the second of them is sent away"
    for _, writer in strangers:
        writer.close()


async def test_a_message_of_another_version_is_told_so(office: Office, reach: Reach) -> None:
    strange = msgspec.msgpack.encode((7, 4, [("jars", "key", "op", {"type": "jar:teleport"})], 0, [], 0))
    reader, writer = await asyncio.open_connection(reach.host, reach.port)
    writer.write(framed(reach.key) + framed(strange))
    (length,) = struct.unpack(">I", await asyncio.wait_for(reader.readexactly(4), LIMIT_S))
    [[[number, reply, _]], *_] = msgspec.msgpack.decode(await reader.readexactly(length))
    assert (number, reply["type"]) == (7, "unknown")
    assert "jar:teleport" in reply["reason"]
    writer.close()


async def test_what_can_wait_waits_for_company(office: Office, reach: Reach, monkeypatch: pytest.MonkeyPatch) -> None:
    link = link_to(reach)
    link.ask(put("opens it"))
    await office.until_it_has("opens it")
    monkeypatch.setattr(link_module, "PATIENT_S", 60)
    link.ask(envelope(Whisper(), "patient"))
    link.ask(put("urgent"))
    await office.until_it_has("patient", "urgent")
    assert office.calls[-1] == (4, ["patient", "urgent"])

    monkeypatch.setattr(link_module, "PATIENT_S", 0.01)
    link.ask(envelope(Whisper(), "alone"))
    await office.until_it_has("alone")


async def refused(office: Office, lessor: Lessor, link: Link, op: str, key: str = KEY) -> Reply:
    """The reply to somebody who is refused, with a lease on `key`."""
    asked = link.ask(Envelope(Address(service=JARS, key=key), op, Take()))
    await office.until_it_has(op)
    office.reply(op, lessor.grant(key, EMPTY, fresh()))
    return await within(asked)


async def test_a_lease_answers_for_its_actor_until_it_is_taken_back(
    office: Office, reach: Reach, lessor: Lessor
) -> None:
    link = link_to(reach)
    assert link.leased(KEY, Take) is None
    assert await refused(office, lessor, link, "a") == EMPTY
    assert link.leased(KEY, Take) == EMPTY
    assert link.leased("another", Take) is None
    assert link.leased(KEY, Put) is None, "another wish may fare better"

    await asyncio.wait_for(lessor.end(KEY), LIMIT_S)
    assert link.leased(KEY, Take) is None
    assert await refused(office, lessor, link, "b") == EMPTY
    assert link.leased(KEY, Take) == EMPTY, "and another is given"


async def test_a_lease_that_is_of_use_begins_anew_without_a_message_to_its_actor(
    office: Office, reach: Reach, lessor: Lessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(link_module, "RENEW_EVERY_S", 0.02)
    link = link_to(reach)
    await refused(office, lessor, link, "a")
    calls = len(office.calls)
    async with asyncio.timeout(LIMIT_S):
        begun_s = asyncio.get_running_loop().time()
        while asyncio.get_running_loop().time() < begun_s + 1.2:
            assert link.leased(KEY, Take) == EMPTY
            lessor._out[KEY][1].checked_s = steady_s()
            await asyncio.sleep(0.05)
    assert all(not ops for _, ops in office.calls[calls:])
    await asyncio.wait_for(lessor.end(KEY), LIMIT_S)
    assert link.leased(KEY, Take) is None


async def test_all_who_hold_a_lease_give_it_back(office: Office, reach: Reach, lessor: Lessor) -> None:
    first, second = link_to(reach), link_to(reach)
    await refused(office, lessor, first, "a")
    await refused(office, lessor, second, "b")
    await asyncio.wait_for(asyncio.gather(lessor.end(KEY), lessor.end(KEY)), LIMIT_S)
    assert (first.leased(KEY, Take), second.leased(KEY, Take)) == (None, None)


async def test_a_lease_never_outlives_its_taking_back_though_both_travel_together(
    office: Office, reach: Reach, lessor: Lessor
) -> None:
    link = link_to(reach)
    asked = link.ask(envelope(Take(), "a"))
    await office.until_it_has("a")
    office.reply("a", lessor.grant(KEY, EMPTY, fresh()))
    await asyncio.wait_for(lessor.end(KEY), LIMIT_S)  # before the reply has left
    assert await within(asked) == EMPTY
    assert link.leased(KEY, Take) is None


async def test_who_refuses_is_given_leases_unasked_as_old_as_its_last_call(
    office: Office, reach: Reach, lessor: Lessor
) -> None:
    eager, other = link_to(reach), link_to(reach)
    other.ask(put("b"))
    await office.until_it_has("b")
    await refused(office, lessor, eager, "another", "another")
    called_by_s = asyncio.get_running_loop().time()
    await asyncio.sleep(0.01)
    assert eager.leased(KEY, Take) is None

    lessor.share(KEY, Take, EMPTY, fresh())
    await until("the lease", lambda: eager.leased(KEY, Take) is not None)
    assert eager.leased(KEY, Take) == EMPTY
    assert eager._tenancy._lessee._leases[KEY].until_s <= called_by_s + LEASE_FOR_S
    assert other.leased(KEY, Take) is None, "it has never refused anybody"


async def test_a_holder_is_given_a_few_leases_for_each_that_it_refuses(
    office: Office, reach: Reach, lessor: Lessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tenant_module, "GIFTS_MAX", 10)
    link = link_to(reach)
    await refused(office, lessor, link, "a")
    [holder] = lessor.holders

    def gifts() -> int:
        count = 0
        while holder.is_eager:
            lessor.share(f"gift {count}", Take, EMPTY, fresh())
            count += 1
        return count

    assert gifts() == tenant_module.GIFTS_PER_REFUSAL
    for _ in range(3):
        assert link.leased(KEY, Take) == EMPTY
    link.ask(put("b"))
    await office.until_it_has("b")
    assert gifts() == 10, "no more than that at a time"


async def test_who_has_refused_nobody_for_a_while_is_given_none(
    office: Office, reach: Reach, lessor: Lessor, monkeypatch: pytest.MonkeyPatch
) -> None:
    await refused(office, lessor, link_to(reach), "a")
    [holder] = lessor.holders
    assert holder.is_eager
    monkeypatch.setattr(tenant_module, "EAGER_FOR_S", 0.05)
    await refused(office, lessor, link_to(reach), "b")
    [later] = lessor.holders - {holder}
    await until("the rush to be over", lambda: not later.is_eager)
    assert holder.is_eager, "its own second is not over"


async def test_a_lease_that_comes_unasked_never_outlives_its_taking_back(
    office: Office, reach: Reach, lessor: Lessor
) -> None:
    link = link_to(reach)
    await refused(office, lessor, link, "another", "another")
    lessor.share(KEY, Take, EMPTY, fresh())
    await asyncio.wait_for(lessor.end(KEY), LIMIT_S)  # before it has left
    assert link.leased(KEY, Take) is None
    assert link.leased("another", Take) == EMPTY


async def test_no_lease_is_taken_back_before_it_was_given() -> None:
    store, clock = FakeStore(), SystemClock()
    await MemoryStore.commit(store, Snapshot(KEY, Jar(id=KEY, version=0)), None)
    store.will("load", 0.05)  # so that the refusal and the change wait in one mailbox, one behind the other
    lessor = Lessor(Vouching(store))
    placement = SharedPlacement(Turns(jars(), store, clock, lessor), store, FakeTransport())
    supervisor = Supervisor(
        behaviour=jars(),
        partition=0,
        partition_map=PartitionMap(4, 1),
        store=store,
        clock=clock,
        placement=placement,
        lessor=lessor,
        limits=Limits(patience_s=LIMIT_S),
    )
    listener = Listener(supervisor.take, lessor)
    link = link_to(await listener.open("127.0.0.1"))
    refused, changed = link.ask(envelope(Take(), "a")), link.ask(put("b"))
    assert (await within(refused), await within(changed)) == (EMPTY, Count(coins=1))
    assert link.leased(KEY, Take) is None
    listener.close()


async def test_whoever_loses_a_supervisor_holds_none_of_its_leases(
    office: Office, listener: Listener, reach: Reach, lessor: Lessor
) -> None:
    link = link_to(reach)
    await refused(office, lessor, link, "a")
    pending = link.ask(put("b"))
    listener.close()
    assert isinstance(await within(pending), OutcomeUnknown)
    assert link.leased(KEY, Take) is None


async def test_a_holder_that_is_cut_off_counts_until_its_lease_has_run_out(
    office: Office, reach: Reach, lessor: Lessor
) -> None:
    link = link_to(reach)
    await refused(office, lessor, link, "a")
    granted_s = asyncio.get_running_loop().time()
    link.lose("cut off")
    await asyncio.wait_for(lessor.end(KEY), LIMIT_S)
    assert asyncio.get_running_loop().time() - granted_s > 0.5, "it may not know that it is cut off"
