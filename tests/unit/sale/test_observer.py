"""Looks at a sale: what expires, what news is still under way, and what is proven in the end."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from cluster.audit.violation import Violation
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal
from cluster.sale.listings import lost_listing
from cluster.sale.observer import LATE_S, Observer
from cluster.sale.promise import Promise
from cluster.sale.stock import Stock
from cluster.sale.stopwatch import Stopwatch

from .promises import promise, stored


@dataclass
class SlowNews:
    """A marketplace whose tickets hear of one payment more at each look."""

    sold: int = 0
    looks: int = 0

    async def stock(self) -> Stock:
        self.looks += 1
        self.sold += 1
        return Stock(sold=self.sold)

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        return set()

    async def stored(self, promises: Sequence[Promise]) -> Mapping[ObjectId, Mapping[str, Any]]:
        return {each.order_id: {} for each in promises}

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        return []


def observer_of(news: SlowNews, paid: int) -> Observer:
    figures = Figures()
    figures.count("paid", 0.0, paid)
    return Observer(witnesses=[news], journal=Journal(), figures=figures, stopwatch=Stopwatch(), every_s=0.0)


async def test_the_last_look_shows_every_ticket_that_was_paid_for() -> None:
    news = SlowNews()
    observer = observer_of(news, paid=3)

    await observer.settle()

    assert [each.sold for each in observer.seen] == [1, 2, 3]


async def test_one_look_is_enough_where_all_news_has_arrived() -> None:
    news = SlowNews(sold=4)
    observer = observer_of(news, paid=3)

    await observer.settle()

    assert news.looks == 1


class SteppedWatch(Stopwatch):
    """Shows `now_s`, and `step_s` more every time."""

    def __init__(self, now_s: float, step_s: float = 0.0) -> None:
        self.now_s, self.step_s = now_s, step_s

    def elapsed_s(self) -> float:
        self.now_s += self.step_s
        return self.now_s


@dataclass
class Books(SlowNews):
    """A marketplace where the orders in `ended` are over, and others stay as they are."""

    ended: set[ObjectId] = field(default_factory=set)
    lost: list[Violation] = field(default_factory=list)
    silence: ProofError | None = None

    async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
        return self.ended & {each.order_id for each in promises}

    async def stored(self, promises: Sequence[Promise]) -> Mapping[ObjectId, Mapping[str, Any]]:
        return {
            each.order_id: stored(each, status="cancelled" if each.order_id in self.ended else "created")
            for each in promises
        }

    async def wrong(self, promises: Sequence[Promise], stored: Mapping[ObjectId, Mapping[str, Any]]) -> list[Violation]:
        if self.silence:
            raise self.silence
        assert [each.order_id for each in promises] == list(stored)
        return self.lost


def watching(now_s: float, *witnesses: Books, step_s: float = 0.0, **told: Any) -> Observer:
    """An observer of one order that was left to expire."""
    journal = Journal()
    journal.reserved(promise(abandoned=True, **told))
    watch = SteppedWatch(now_s, step_s)
    return Observer(witnesses=witnesses, journal=journal, figures=Figures(), stopwatch=watch, every_s=0.0, grace_s=30.0)


async def test_an_order_that_ends_is_counted_once_and_the_moment_is_kept() -> None:
    books = Books()
    observer = watching(100.0, books)
    [mine] = observer.journal.promises.values()
    await observer.look()
    assert (observer.unexpired(), mine.ended_s) == (1, None)
    books.ended.add(mine.order_id)
    for _ in range(2):
        await observer.look()
    assert (observer.unexpired(), mine.ended_s, observer.figures.total("expired")) == (0, 100.0, 1)
    assert [each.code for each in await observer.broken()] == ["ended_early"]


async def test_what_a_look_finds_is_spread_over_the_time_since_the_last_one() -> None:
    # Given a look at 100 s, and ten orders that it has not seen to be over, and the next look has, at 105 s,
    books = Books()
    observer = watching(100.0, books)
    for _ in range(9):
        observer.journal.reserved(promise(abandoned=True))
    await observer.look()
    books.ended.update(observer.journal.promises)
    assert isinstance(observer.stopwatch, SteppedWatch)
    observer.stopwatch.now_s = 105.0
    await observer.look()
    # then no second had more than two: how many a look finds is no rate.
    assert observer.figures.series("expired")[100:] == [2] * 5


async def test_an_expiry_that_does_not_come_is_waited_for_until_it_is_a_violation() -> None:
    """By 912 s its time is over. By the clocks alone it might be 943 s, and then there is the grace of 30 s."""
    observer = watching(890.0, Books(), step_s=5.0)
    await observer.wait_for_expiry(30.0)
    assert observer.stopwatch.elapsed_s() > 973
    assert [each.code for each in await observer.broken()] == ["hold_overdue"]


async def test_nobody_waits_longer_than_until_all_have_expired() -> None:
    books = Books()
    observer = watching(890.0, books, step_s=5.0)
    books.ended.update(observer.journal.promises)
    await observer.wait_for_expiry(30.0)
    assert books.looks == 1
    assert observer.unexpired() == 0


async def test_nobody_waits_for_what_takes_longer_than_he_is_ready_to_wait() -> None:
    books = Books()
    observer = watching(12.0, books)
    await observer.wait_for_expiry(30.0)
    assert (observer.unexpired(), books.looks) == (1, 0)
    assert await observer.broken() == []


async def test_every_witness_is_heard_in_the_end_and_what_two_of_them_say_counts_once() -> None:
    ticket = ObjectId()
    books, api = Books(), Books(lost=[lost_listing(ticket)])
    observer = watching(12.0, books, api)
    assert await observer.broken() == [lost_listing(ticket)]
    books.lost = [lost_listing(ticket)]
    assert await observer.broken() == [lost_listing(ticket)]


async def test_how_long_an_order_lasted_is_for_the_first_witness_alone_to_say() -> None:
    """The API does not say when an order began: beside MongoDB no clock is compared with another machine's."""
    books, api = Books(), Books()
    api.ended.update((observer := watching(12.0, books, api)).journal.promises)
    assert await observer.broken() == []


async def test_a_witness_that_falls_silent_costs_nobody_the_result() -> None:
    ticket = ObjectId()
    books, api = Books(lost=[lost_listing(ticket)]), Books(silence=ProofError("Nobody answers.", "Look."))
    observer = watching(12.0, books, api)
    assert (await observer.broken(), observer.unheard) == ([lost_listing(ticket)], ["Nobody answers."])
    with pytest.raises(ProofError):
        await watching(12.0, api).broken()


@pytest.mark.parametrize(("now_s", "expired"), [(910.0, 0), (920.0, 1)])
async def test_whose_time_is_over_while_he_thinks_has_expired(now_s: float, expired: int) -> None:
    """His order lasts until 912 s, and he has not come back yet."""
    books = Books()
    observer = watching(now_s, books)
    [mine] = observer.journal.promises.values()
    mine.abandoned = False
    books.ended.add(mine.order_id)
    await observer.look()
    assert (observer.figures.total("expired"), observer.unexpired()) == (expired, 0)


async def test_what_is_sold_or_given_back_never_expires() -> None:
    books = Books()
    observer = watching(920.0, books)
    [mine] = observer.journal.promises.values()
    mine.abandoned, mine.cancelled = False, True
    books.ended.add(mine.order_id)
    await observer.look()
    assert observer.figures.total("expired") == 0


async def test_a_look_is_of_the_moment_at_which_it_was_answered() -> None:
    observer = watching(12.0, Books())

    class Slow(Books):
        async def stock(self) -> Stock:
            observer.stopwatch.now_s = 17.0  # type: ignore[attr-defined]
            return await super().stock()

    observer.witnesses = [Slow()]
    await observer.look()
    assert [each.at_s for each in observer.seen] == [17.0]


@pytest.mark.parametrize(("step_s", "is_after_gap"), [(1.0, False), (LATE_S + 1, True)])
async def test_a_look_that_takes_long_says_nothing_of_the_time_for_which_it_took(
    step_s: float, is_after_gap: bool
) -> None:
    observer = watching(12.0, Books(), step_s=step_s)
    await observer.look()
    assert [each.is_after_gap for each in observer.seen] == [is_after_gap]


async def test_what_is_overdue_is_no_open_question() -> None:
    observer = watching(890.0, Books(), step_s=5.0)
    await observer.wait_for_expiry(30.0)
    assert (observer.unexpired(), observer.unexpired(await observer.broken())) == (1, 0)


async def test_a_look_that_fails_is_followed_by_the_next_which_knows_of_the_gap() -> None:
    class Unsteady(Books):
        """Answers the first look and the third, and the fourth ends the watch."""

        async def stock(self) -> Stock:
            found = await super().stock()
            if self.looks == 2:
                raise AutoReconnect("the primary steps down")
            if self.looks == 4:
                raise asyncio.CancelledError
            return found

    observer = watching(12.0, Unsteady())
    with pytest.raises(asyncio.CancelledError):
        await observer.watch()
    assert [each.is_after_gap for each in observer.seen] == [False, True]


async def test_a_look_at_orders_that_fails_leaves_no_gap_in_the_curve_of_tickets() -> None:
    class Half(Books):
        async def over(self, promises: Sequence[Promise]) -> set[ObjectId]:
            if self.looks == 1:
                raise AutoReconnect("the primary steps down")
            return await super().over(promises)

    observer = watching(12.0, Half())
    with pytest.raises(AutoReconnect):
        await observer.look()
    await observer.look()
    assert [each.is_after_gap for each in observer.seen] == [False, False]


async def test_who_came_too_late_is_seen_to_have_expired() -> None:
    books = Books()
    observer = watching(100.0, books)
    [mine] = observer.journal.promises.values()
    mine.abandoned = False
    # Long before its time is over, as his clock has it, he hears that it is; and he has asked to give it back.
    mine.note("late", {}, 100.0)
    mine.cancelled = True
    books.ended.add(mine.order_id)
    await observer.look()
    assert observer.figures.total("expired") == 1
