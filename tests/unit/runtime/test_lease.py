"""Leases: a refusal holds for others until it runs out or is taken back, and nothing changes before."""

import asyncio
from math import inf
from typing import Any

import pytest

from actors.runtime import lessee as lessee_module
from actors.runtime.clock import steady_s
from actors.runtime.lease import LEASE_FOR_S
from actors.runtime.lessee import GIVEN_WITHIN_S, USED_WITHIN_S, Departures, Lessee
from actors.runtime.message import Leased, Message

from .fakes import VERSION, fresh, lessor_of, now_s, virtually
from .toy import EMPTY, KEY, Put, Take


class Slow:
    """A holder that gives back after a while, or never."""

    def __init__(self, takes_s: float | None, is_eager: bool = False) -> None:
        self.takes_s = takes_s
        self.is_eager = is_eager
        self.given: list[Any] = []
        self.asked: list[Any] = []

    def give(self, key: Any, kind: type[Message], leased: Leased) -> None:
        self.given.append((key, kind, leased))

    def take_back(self, key: Any) -> asyncio.Future[None]:
        self.asked.append(key)
        loop = asyncio.get_running_loop()
        returned: asyncio.Future[None] = loop.create_future()
        if self.takes_s is not None:
            loop.call_later(self.takes_s, returned.set_result, None)
        return returned


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
    assert lessor.grant(KEY, EMPTY, fresh()) == Leased(refusal=EMPTY, version=VERSION, for_s=LEASE_FOR_S)
    await asyncio.sleep(0.4)
    lessor.grant(KEY, EMPTY, fresh())
    await lessor.end(KEY)
    assert now_s() == 0.4 + LEASE_FOR_S, "the newest counts"


@virtually
async def test_a_lease_begins_anew_while_it_is_out_and_its_memory_is_trusted() -> None:
    lessor, holder, memory = lessor_of(), Slow(None), fresh()
    lessor.holders.add(holder)
    lessor.grant(KEY, EMPTY, memory)
    await asyncio.sleep(0.6)
    assert lessor.renew([(KEY, VERSION), ("never granted", VERSION)]) == [KEY]
    await asyncio.sleep(0.6)
    assert lessor.renew([(KEY, VERSION)]) == [], "what is known is too old"
    memory.checked_s = steady_s()
    assert lessor.renew([(KEY, VERSION)]) == [KEY]
    await lessor.end(KEY)
    assert now_s() == 1.2 + LEASE_FOR_S
    memory.checked_s = steady_s()
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
    await asyncio.sleep(LEASE_FOR_S)
    memory.checked_s = steady_s()
    assert lessor.renew([(KEY, VERSION)]) == []


@virtually
async def test_a_lease_is_shared_with_the_eager_alone_and_a_change_waits_for_it() -> None:
    lessor, eager, other = lessor_of(), Slow(0.2, is_eager=True), Slow(0.1)
    lessor.holders.update((eager, other))
    lessor.share(KEY, Take, EMPTY, fresh())
    assert (eager.given, other.given) == ([(KEY, Take, Leased(refusal=EMPTY, version=VERSION, for_s=LEASE_FOR_S))], [])
    await lessor.end(KEY)
    assert now_s() == 0.2


@virtually
async def test_where_nobody_is_eager_nothing_is_leased() -> None:
    lessor, holder = lessor_of(), Slow(None)
    lessor.holders.add(holder)
    lessor.share(KEY, Take, EMPTY, fresh())
    await lessor.end(KEY)
    assert (now_s(), holder.given, holder.asked) == (0, [], [])


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
    await asyncio.sleep(LEASE_FOR_S / 2)
    lessor.grant(KEY, EMPTY, fresh())
    await asyncio.sleep(LEASE_FOR_S)
    assert set(lessor._out) == {KEY}
    await asyncio.sleep(LEASE_FOR_S)
    assert not lessor._out, "nobody needs to ask for that"


def test_a_holder_refuses_until_then() -> None:
    lessee = Lessee()
    lessee.keep(KEY, Take, Leased(refusal=EMPTY, version=VERSION, for_s=0.5), asked_at_s=10.0)
    assert [lessee.refusal(KEY, Take, now_s) for now_s in (10.0, 10.49, 10.5)] == [EMPTY, EMPTY, None]
    assert lessee.refusal(KEY, Put, 10.0) is None
    lessee.give_back(KEY)
    lessee.give_back("never had it")
    assert lessee.refusal(KEY, Take, 10.0) is None


def test_leases_are_renewed_where_they_were_not_given_back_meanwhile() -> None:
    lessee = Lessee()
    for key in "abc":
        lessee.keep(key, Take, Leased(refusal=EMPTY, version=VERSION, for_s=1), 0.0)
    assert lessee.wanted(0.5) == [("a", VERSION), ("b", VERSION), ("c", VERSION)]
    lessee.give_back("a")
    assert lessee.wanted(0.5) == [("b", VERSION), ("c", VERSION)]
    lessee.renewed("ab", asked_at_s=0.5)
    assert [lessee.refusal(key, Take, 1.4) for key in "abc"] == [None, EMPTY, None]


def test_a_lease_is_worth_renewing_for_a_while_after_it_came_or_was_of_use_and_not_once_it_has_run_out() -> None:
    lessee = Lessee()
    for key, for_s in (("used", 60), ("over", 2), ("never", 60)):
        lessee.keep(key, Take, Leased(refusal=EMPTY, version=VERSION, for_s=for_s), 0.0)
    for key in ("used", "over"):
        lessee.refusal(key, Take, 1.0)
    assert [key for key, _ in lessee.wanted(1.9)] == ["used", "over", "never"]
    assert [key for key, _ in lessee.wanted(USED_WITHIN_S)] == ["used"]
    assert lessee.wanted(1.0 + USED_WITHIN_S) == []


def test_a_lease_that_nobody_has_asked_for_is_worth_renewing_for_less_long() -> None:
    lessee = Lessee()
    leased = Leased(refusal=EMPTY, version=VERSION, for_s=60)
    lessee.keep(KEY, Take, leased, 0.0, GIVEN_WITHIN_S)
    assert [lessee.wanted(now_s) for now_s in (GIVEN_WITHIN_S - 0.1, GIVEN_WITHIN_S)] == [[(KEY, VERSION)], []]


def test_what_is_given_unasked_is_as_old_as_the_last_call_before() -> None:
    departures = Departures()
    for left_s in (1.0, 1.5, 2.2):
        departures.leave(left_s)
    assert [departures.left_s(number) for number in (3, 2)] == [2.2, 1.5]
    assert departures.left_s(1) == -inf, "a lease does not last that long"
    assert departures.left_s(4) == -inf, "there was none"


def test_a_holder_keeps_only_so_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lessee_module, "LEASES_MAX", 2)
    lessee = Lessee()
    for key in "abc":
        lessee.keep(key, Take, Leased(refusal=EMPTY, version=VERSION, for_s=1), 0.0)
    assert [lessee.refusal(key, Take, 0.5) for key in "abc"] == [None, None, EMPTY]
