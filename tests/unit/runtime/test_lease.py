"""Leases: a refusal holds for others until it runs out or is taken back, and nothing changes before."""

import asyncio
from typing import Any

import pytest

from actors.runtime import lease
from actors.runtime.lease import LEASE_FOR, USED_WITHIN_S, Lessee, Lessor
from actors.runtime.memory import Memory
from actors.runtime.message import Leased
from actors.runtime.snapshot import Snapshot
from actors.runtime.vouching import Vouching

from .fakes import FakeStore, clock, now_s, virtually
from .toy import EMPTY, KEY, Jar, Put, Take

LEASE_S = LEASE_FOR.total_seconds()


VERSION = 3


class Slow:
    """A holder that gives back after a while, or never."""

    def __init__(self, takes_s: float | None) -> None:
        self.takes_s = takes_s
        self.asked: list[Any] = []

    def take_back(self, key: Any) -> asyncio.Future[None]:
        self.asked.append(key)
        loop = asyncio.get_running_loop()
        returned: asyncio.Future[None] = loop.create_future()
        if self.takes_s is not None:
            loop.call_later(self.takes_s, returned.set_result, None)
        return returned


def lessor_of() -> Lessor:
    return Lessor(clock(), Vouching(FakeStore(), clock()))


def fresh() -> Memory:
    """What was compared with the store just now."""
    return Memory(Snapshot(KEY, Jar(id=KEY, version=VERSION)), clock().now())


@virtually
async def test_a_change_waits_for_the_slowest_holder() -> None:
    lessor, holders = lessor_of(), [Slow(0.1), Slow(0.3)]
    lessor.holders.update(holders)
    lessor.grant(KEY, EMPTY, fresh())
    await lessor.end(KEY)
    assert (now_s(), [each.asked for each in holders]) == (0.3, [[KEY], [KEY]])
    await lessor.end(KEY)
    assert now_s() == 0.3, "there is no lease any more"


@virtually
async def test_a_change_waits_for_nobody_longer_than_the_lease() -> None:
    lessor = lessor_of()
    lessor.holders.add(Slow(None))
    assert lessor.grant(KEY, EMPTY, fresh()) == Leased(refusal=EMPTY, version=VERSION, for_s=LEASE_S)
    await asyncio.sleep(0.4)
    lessor.grant(KEY, EMPTY, fresh())
    await lessor.end(KEY)
    assert now_s() == 0.4 + LEASE_S, "the newest counts"


@virtually
async def test_a_lease_begins_anew_while_it_is_out_and_its_memory_is_trusted() -> None:
    lessor, holder, memory = lessor_of(), Slow(None), fresh()
    lessor.holders.add(holder)
    lessor.grant(KEY, EMPTY, memory)
    await asyncio.sleep(0.6)
    assert lessor.renew([(KEY, VERSION), ("never granted", VERSION)]) == [KEY]
    await asyncio.sleep(0.6)
    assert lessor.renew([(KEY, VERSION)]) == [], "what is known is too old"
    memory.checked_at = clock().now()
    assert lessor.renew([(KEY, VERSION)]) == [KEY]
    await lessor.end(KEY)
    assert now_s() == 1.2 + LEASE_S
    memory.checked_at = clock().now()
    assert lessor.renew([(KEY, VERSION)]) == [], "it was taken back"


@virtually
async def test_a_lease_on_what_has_changed_does_not_begin_anew_though_another_is_out() -> None:
    lessor = lessor_of()
    lessor.grant(KEY, EMPTY, fresh())
    assert lessor.renew([(KEY, VERSION - 1)]) == []
    assert lessor.renew([(KEY, VERSION)]) == [KEY]


@virtually
async def test_a_lease_that_has_run_out_does_not_begin_anew() -> None:
    lessor, memory = lessor_of(), fresh()
    lessor.grant(KEY, EMPTY, memory)
    await asyncio.sleep(LEASE_S)
    memory.checked_at = clock().now()
    assert lessor.renew([(KEY, VERSION)]) == []


@virtually
async def test_what_nobody_has_a_lease_on_changes_at_once() -> None:
    lessor, holder = lessor_of(), Slow(None)
    lessor.holders.add(holder)
    lessor.grant("another", EMPTY, fresh())
    await lessor.end(KEY)
    assert (now_s(), holder.asked) == (0, [])


@virtually
async def test_leases_that_have_run_out_are_forgotten() -> None:
    lessor = lessor_of()
    for n in range(100):
        lessor.grant(n.to_bytes(1).hex(), EMPTY, fresh())
    await asyncio.sleep(LEASE_S)
    for n in range(100):
        lessor.grant(f"later {n}", EMPTY, fresh())
    assert len(lessor._out) == 100


def test_a_holder_refuses_until_then() -> None:
    lessee = Lessee()
    lessee.keep(KEY, Take, Leased(refusal=EMPTY, version=VERSION, for_s=0.5), asked_at_s=10.0)
    assert [lessee.refusal(KEY, Take, now_s) for now_s in (10.0, 10.49, 10.5)] == [EMPTY, EMPTY, None]
    assert lessee.refusal(KEY, Put, 10.0) is None
    lessee.give_back(KEY)
    lessee.give_back("never had it")
    assert lessee.refusal(KEY, Take, 10.0) is None


def test_only_leases_of_use_are_worth_renewing_and_those_given_back_are_not_renewed() -> None:
    lessee = Lessee()
    for key in "abc":
        lessee.keep(key, Take, Leased(refusal=EMPTY, version=VERSION, for_s=1), 0.0)
    for key in "ab":
        lessee.refusal(key, Take, 0.5)
    assert sorted(lessee.used(0.5), key=str) == [("a", VERSION), ("b", VERSION)]
    lessee.give_back("a")
    assert lessee.used(0.5) == [("b", VERSION)]
    lessee.renewed("ab", asked_at_s=0.5)
    assert [lessee.refusal(key, Take, 1.4) for key in "abc"] == [None, EMPTY, None]


def test_a_lease_is_worth_renewing_for_a_while_after_its_last_use_and_not_once_it_has_run_out() -> None:
    lessee = Lessee()
    for key, for_s in (("a", 60), ("b", 2)):
        lessee.keep(key, Take, Leased(refusal=EMPTY, version=VERSION, for_s=for_s), 0.0)
        lessee.refusal(key, Take, 1.0)
    assert lessee.used(1.9) == [("a", VERSION), ("b", VERSION)]
    assert lessee.used(0.9 + USED_WITHIN_S) == [("a", VERSION)]
    assert lessee.used(1.0 + USED_WITHIN_S) == []


def test_a_holder_keeps_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "LEASES_MAX", 2)
    lessee = Lessee()
    for key in "abc":
        lessee.keep(key, Take, Leased(refusal=EMPTY, version=VERSION, for_s=1), 0.0)
    assert [lessee.refusal(key, Take, 0.5) for key in "abc"] == [None, None, EMPTY]
