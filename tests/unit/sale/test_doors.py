"""What one buyer does, and what is written down of it."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from cluster.sale.buyer import Buyer
from cluster.sale.doors import Doors
from cluster.sale.figures import Figures, Outcome
from cluster.sale.journal import Journal
from cluster.sale.passes import Pass
from cluster.sale.plan import Plan, Wish
from cluster.sale.promise import Promise
from cluster.sale.steps import Answer, Step
from cluster.sale.stopwatch import Stopwatch

ORDER, TICKET, HIM = ObjectId(), ObjectId(), Pass(ObjectId(), "token")
GRANTED = {
    "id": str(ORDER),
    "version": 0,
    "expiresAt": "2030-01-01T00:00:00.000Z",
    "ticket": {"id": str(TICKET), "price": 19.99},
}


class StandingClock:
    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC) - timedelta(minutes=15)


class StandingWatch(Stopwatch):
    now_s = 10.0

    def elapsed_s(self) -> float:
        return self.now_s


class FakeShop:
    """Answers every step with the one answer it has for it, a second after it was asked."""

    def __init__(self, again: Answer | None = None, **answers: Answer) -> None:
        self.answers = {"reserve": Answer(201, GRANTED), **answers}
        self.again = again
        self.figures = Figures()
        self.stopwatch = StandingWatch()
        self.asked: list[tuple[str, str]] = []
        self.due_s: list[float] = []

    async def ask(
        self, step: Step, session: str, key: str, *, holds_order: bool, due_s: float, on_sent: Callable[[], object]
    ) -> Answer:
        self.due_s.append(due_s)
        on_sent()
        assert session == "token"
        assert holds_order == bool(self.asked)
        sent_s, self.stopwatch.now_s = self.stopwatch.now_s, self.stopwatch.now_s + 1
        is_again = (step.name, key) in self.asked
        self.asked.append((step.name, key))
        return replace(self.again if is_again and self.again else self.answers[step.name], sent_s=sent_s)


async def visit(shop: FakeShop, wish: Wish, *, repeats: bool = False, at_s: float = 0, think_s: float = 0) -> Journal:
    journal = Journal()
    fake: Any = shop
    buyer = Buyer(number=0, at_s=at_s, ticket=0, wish=wish, repeats=repeats, think_s=think_s, key="b")
    doors = Doors(shop=fake, tickets=[TICKET], journal=journal, clock=StandingClock())
    await doors.visit(buyer, HIM)
    return journal


async def promise_of(shop: FakeShop, wish: Wish) -> Promise:
    [promise] = (await visit(shop, wish)).promises.values()
    return promise


async def test_what_a_buyer_is_told_is_written_down() -> None:
    promise = await promise_of(FakeShop(), "abandon")
    assert (promise.order_id, promise.ticket_id, promise.user_id) == (ORDER, TICKET, HIM.user_id)
    assert (promise.version, promise.price, promise.abandoned) == (0, 1999, True)
    assert promise.expires_at - datetime(2030, 1, 1, tzinfo=UTC) == timedelta(0)
    assert (promise.asked_s, promise.told_s, promise.left_s) == (10.0, 11.0, 900.0)


async def test_who_is_refused_goes_away() -> None:
    shop = FakeShop(reserve=Answer(400, {"errors": [{"code": "ticket_reserved"}]}))
    assert (await visit(shop, "pay")).promises == {}
    assert shop.asked == [("reserve", "b-reserve")]
    assert (shop.figures.total("refused"), shop.figures.total("reserved")) == (1, 0)


async def test_who_pays_has_paid_with_what_stripe_calls_it() -> None:
    shop = FakeShop(pay=Answer(201, {"stripeId": "pi_1"}))
    promise = await promise_of(shop, "pay")
    assert (promise.paid_with, promise.paid_s) == ("pi_1", 12.0)
    assert shop.asked == [("reserve", "b-reserve"), ("pay", "b-pay")]
    assert shop.figures.total("paid") == 1


async def test_who_is_declined_leaves_it_to_expire() -> None:
    shop = FakeShop(pay=Answer(402))
    promise = await promise_of(shop, "decline")
    assert (promise.abandoned, promise.paid_with) == (True, None)
    assert shop.figures.total("declined") == 1


async def test_who_is_too_late_knows_that_it_is_over() -> None:
    shop = FakeShop(pay=Answer(400, {"errors": [{"code": "order_cancelled"}]}))
    promise = await promise_of(shop, "pay")
    assert (promise.abandoned, promise.ended_s) == (True, 12.0)
    assert shop.figures.total("late") == 1


@pytest.mark.parametrize(("answer", "told"), [(Answer(204), True), (Answer(0), False)])
async def test_who_cancels_gives_it_back_when_he_asks_whatever_he_hears(answer: Answer, told: bool) -> None:
    promise = await promise_of(FakeShop(cancel=answer), "cancel")
    assert (promise.cancelled, promise.gave_back_s) == (told, 11.0)


@pytest.mark.parametrize(("left_s", "became"), [(-0.5, "late"), (0.5, "cancelled")])
async def test_who_asked_to_give_back_what_had_expired_is_late_although_he_is_told_the_same(
    left_s: float, became: Outcome
) -> None:
    """He asks at once, and is answered a second later: it counts when he asked."""
    shop = FakeShop(cancel=Answer(204))
    expires_at = (StandingClock().now() + timedelta(seconds=left_s)).isoformat()
    shop.answers["reserve"] = Answer(201, GRANTED | {"expiresAt": expires_at})
    promise = await promise_of(shop, "cancel")
    assert (promise.cancelled, promise.abandoned, promise.is_settled) == (True, became == "late", became != "late")
    assert [shop.figures.total(each) for each in ("late", "cancelled")] == [became == "late", became != "late"]


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


@pytest.mark.parametrize("answer", [Answer(201), Answer(201, GRANTED | {"expiresAt": None})])
async def test_an_order_that_cannot_be_read_has_failed_and_the_sale_goes_on(answer: Answer) -> None:
    shop = FakeShop(reserve=answer)
    assert (await visit(shop, "pay", repeats=True)).promises == {}
    assert (shop.figures.total("failed"), shop.figures.total("reserved")) == (1, 0)
    assert shop.asked == [("reserve", "b-reserve")]


async def test_why_somebody_failed_is_counted_and_refusals_are_no_trouble() -> None:
    refused = FakeShop(reserve=Answer(400, {"errors": [{"code": "ticket_reserved"}]}))
    paying = FakeShop(again=Answer(0, why="Cannot connect to port 9", error="ClientError"), pay=Answer(429))
    for shop in (refused, paying):
        await visit(shop, "pay", repeats=True)
    assert refused.figures.troubles == {}
    assert paying.figures.troubles == {("reserve", "ClientError"): 1, ("pay", "429"): 1}


@pytest.mark.parametrize("again", [Answer(503), Answer(0), Answer(429)])
async def test_a_repetition_without_an_answer_has_failed_and_is_no_other_answer(again: Answer) -> None:
    shop = FakeShop(again=again)
    journal = await visit(shop, "abandon", repeats=True)
    assert journal.changed == []
    assert (shop.figures.total("failed"), shop.figures.total("reserved")) == (1, 1)


async def test_a_repetition_with_another_answer_is_written_down() -> None:
    journal = await visit(FakeShop(again=Answer(201, GRANTED | {"id": str(ObjectId())})), "abandon", repeats=True)
    assert [each.code for each in journal.changed] == ["answer_differs"]


async def test_an_order_for_another_ticket_than_the_one_asked_for_is_written_down() -> None:
    other = GRANTED | {"ticket": {"id": str(ObjectId()), "price": 19.99}}
    journal = await visit(FakeShop(reserve=Answer(201, other)), "abandon")
    [found] = journal.changed
    assert (found.code, found.documents) == ("answer_differs", (f"orders/{ORDER}",))
    assert f"Asked for ticket {TICKET}" in found.sentence


async def test_who_was_never_let_in_is_counted_apart_from_who_got_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class OneLine(FakeShop):
        """Sends one request, which is never answered; the others wait for its connection."""

        async def ask(self, *_: Any, on_sent: Callable[[], object], **__: Any) -> Answer:
            if not self.asked:
                self.asked.append(("reserve", ""))
                on_sent()
            return await asyncio.Future()

    monkeypatch.setattr(Plan, "limit_s", 0.01)
    shop: Any = OneLine()
    late = await Doors(shop=shop, tickets=[TICKET], journal=Journal()).let_in(
        Plan(buyers=5, tickets=1, seconds=0.0), [HIM] * 5
    )
    assert (late.unfinished, late.not_let_in) == (1, 4)


async def test_who_was_let_in_at_the_last_moment_has_time_for_his_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    class SlowLine(FakeShop):
        """Answers its only request once the doors are closed to those who wait for its connection."""

        closed = asyncio.Event()

        async def ask(self, *_: Any, on_sent: Callable[[], object], **__: Any) -> Answer:
            if not self.asked:
                self.asked.append(("reserve", ""))
                on_sent()
                await self.closed.wait()
                return Answer(400, {"errors": [{"code": "ticket_reserved"}]})
            try:
                return await asyncio.Future()
            finally:
                self.closed.set()

    monkeypatch.setattr(Plan, "limit_s", 0.1)
    shop: Any = SlowLine()
    doors = Doors(shop=shop, tickets=[TICKET], journal=Journal())
    assert await doors.let_in(Plan(buyers=5, tickets=1, seconds=0.0), [HIM] * 5) == (0, 4)
    assert shop.figures.total("refused") == 1


async def test_he_is_due_when_he_arrives_and_when_he_has_thought_however_late_the_generator_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Given a generator that comes to him at 10 s although he arrived at 4 s, and again late once he has thought,
    shop = FakeShop(pay=Answer(201, {"stripeId": "pi_1"}))
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)
        shop.stopwatch.now_s += seconds + 7 * bool(seconds)

    monkeypatch.setattr("cluster.sale.doors.asyncio.sleep", sleep)
    await visit(shop, "pay", at_s=4.0, think_s=3.0)
    # then he was due at 4 s, and 3 s after his answer, which came at 11 s.
    assert (shop.due_s, slept) == ([4.0, 14.0], [0.0, 3.0])


async def test_an_interrupted_sale_leaves_nobody_asking(monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    async def endless(self: Doors, buyer: Buyer, his: Pass) -> None:
        try:
            await asyncio.sleep(3_600)
        finally:
            ended.append(buyer.key)

    monkeypatch.setattr(Doors, "visit", endless)
    shop: Any = FakeShop()
    doors = Doors(shop=shop, tickets=[TICKET], journal=Journal())
    sale = asyncio.create_task(doors.let_in(Plan(buyers=3, tickets=1), [HIM] * 3))
    await asyncio.sleep(0.01)
    sale.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sale
    assert len(ended) == 3
