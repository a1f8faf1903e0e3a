"""What one buyer does, and what is written down of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from cluster.sale.buyer import Buyer
from cluster.sale.doors import Doors
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal, Promise
from cluster.sale.passes import Pass
from cluster.sale.plan import Wish
from cluster.sale.steps import Answer, Step
from cluster.sale.stopwatch import Stopwatch

ORDER, TICKET, HIM = ObjectId(), ObjectId(), Pass(ObjectId(), "token")
GRANTED = {
    "id": str(ORDER),
    "version": 0,
    "expiresAt": "2030-01-01T00:00:00.000Z",
    "ticket": {"id": str(TICKET), "price": 19.99},
}


class FakeShop:
    """Answers every step with the one answer it has for it."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = {"reserve": Answer(201, GRANTED), **answers}
        self.figures = Figures()
        self.stopwatch = Stopwatch()
        self.asked: list[tuple[str, str]] = []

    async def ask(self, step: Step, session: str, key: str, *, holds_order: bool) -> Answer:
        assert session == "token"
        assert holds_order == bool(self.asked)
        self.asked.append((step.name, key))
        return self.answers[step.name]


async def visit(shop: FakeShop, wish: Wish, *, repeats: bool = False) -> Journal:
    journal = Journal()
    fake: Any = shop
    buyer = Buyer(number=0, at_s=0.0, ticket=0, wish=wish, repeats=repeats, think_s=0, key="b")
    await Doors(shop=fake, tickets=[TICKET], journal=journal).visit(buyer, HIM)
    return journal


async def promise_of(shop: FakeShop, wish: Wish) -> Promise:
    [promise] = (await visit(shop, wish)).promises.values()
    return promise


async def test_what_a_buyer_is_told_is_written_down() -> None:
    promise = await promise_of(FakeShop(), "abandon")
    assert (promise.order_id, promise.ticket_id, promise.user_id) == (ORDER, TICKET, HIM.user_id)
    assert (promise.version, promise.price, promise.abandoned) == (0, 1999, True)
    assert promise.expires_at - datetime(2030, 1, 1, tzinfo=UTC) == timedelta(0)


async def test_who_is_refused_goes_away() -> None:
    shop = FakeShop(reserve=Answer(400, {"errors": [{"code": "ticket_reserved"}]}))
    assert (await visit(shop, "pay")).promises == {}
    assert shop.asked == [("reserve", "b-reserve")]
    assert (shop.figures.total("refused"), shop.figures.total("reserved")) == (1, 0)


async def test_who_pays_has_paid_with_what_stripe_calls_it() -> None:
    shop = FakeShop(pay=Answer(201, {"stripeId": "pi_1"}))
    assert (await promise_of(shop, "pay")).paid_with == "pi_1"
    assert shop.asked == [("reserve", "b-reserve"), ("pay", "b-pay")]
    assert shop.figures.total("paid") == 1


async def test_who_is_declined_leaves_it_to_expire() -> None:
    shop = FakeShop(pay=Answer(402))
    promise = await promise_of(shop, "decline")
    assert (promise.abandoned, promise.paid_with) == (True, None)
    assert shop.figures.total("declined") == 1


async def test_who_cancels_was_told_so() -> None:
    assert (await promise_of(FakeShop(cancel=Answer(204)), "cancel")).cancelled


@pytest.mark.parametrize("wish", ["pay", "cancel"])
async def test_without_an_answer_nothing_is_promised(wish: Wish) -> None:
    shop = FakeShop(pay=Answer(0), cancel=Answer(0))
    promise = await promise_of(shop, wish)
    assert (promise.paid_with, promise.cancelled, promise.abandoned) == (None, False, False)
    assert shop.figures.total("failed") == 1


async def test_a_repetition_goes_under_the_same_key_and_counts_once() -> None:
    shop = FakeShop()
    journal = await visit(shop, "abandon", repeats=True)
    assert shop.asked == [("reserve", "b-reserve")] * 2
    assert shop.figures.total("reserved") == 1
    assert list(journal.changed) == []
