"""The last look at a sale waits for news that is still under way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal, Promise
from cluster.sale.observer import Observer
from cluster.sale.stock import Stock
from cluster.sale.stopwatch import Stopwatch


@dataclass
class SlowNews:
    """A marketplace whose tickets hear of one payment more at each look."""

    sold: int = 0
    looks: list[float] = field(default_factory=list)

    async def stock(self, at_s: float) -> Stock:
        self.looks.append(at_s)
        self.sold += 1
        return Stock(at_s, sold=self.sold)

    async def over(self, promises: Sequence[Promise]) -> int:
        return 0

    async def stored(self, promises: Sequence[Promise]) -> Mapping[ObjectId, Mapping[str, Any]]:
        return {each.order_id: {} for each in promises}

    async def wrong(self, promises: Sequence[Promise]) -> list[Violation]:
        return []


def observer_of(news: SlowNews, paid: int) -> Observer:
    figures = Figures()
    figures.count("paid", 0.0, paid)
    return Observer(witness=news, journal=Journal(), figures=figures, stopwatch=Stopwatch(), every_s=0.0)


async def test_the_last_look_shows_every_ticket_that_was_paid_for() -> None:
    news = SlowNews()
    observer = observer_of(news, paid=3)

    await observer.settle()

    assert [each.sold for each in observer.seen] == [1, 2, 3]


async def test_one_look_is_enough_where_all_news_has_arrived() -> None:
    news = SlowNews(sold=4)
    observer = observer_of(news, paid=3)

    await observer.settle()

    assert len(news.looks) == 1
