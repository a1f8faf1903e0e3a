"""The API as witness: what it is asked, what counts as an answer, and what is found wrong."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId

from actors.runtime.clock import SystemClock
from cluster.audit.clock_of import ClockOf
from cluster.audit.violation import Violation
from cluster.local.errors import ProofError
from cluster.sale import api_witness, patience
from cluster.sale.api_witness import ApiWitness
from cluster.sale.figures import Figures
from cluster.sale.journal import Journal, Read
from cluster.sale.promise import Promise
from cluster.sale.steps import Answer, Step

from . import promises

ORDER, TICKET, HIM = ObjectId(), ObjectId(), ObjectId()
ENDS = promises.promise().expires_at


def promise(ends: datetime = ENDS) -> Promise:
    return promises.promise(order_id=ORDER, ticket_id=TICKET, user_id=HIM, expires_at=ends)


def order(**changes: Any) -> Answer:
    shown = {
        "id": str(ORDER),
        "status": "created",
        "userId": str(HIM),
        "version": 1,
        "expiresAt": ENDS.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "ticket": {"id": str(TICKET), "price": 19.99},
    }
    return Answer(200, shown | changes)


class FakeShop:
    """Answers every look with the one answer it has for it."""

    def __init__(self, **answers: Answer) -> None:
        self.answers = answers
        self.asked: list[str] = []

    async def ask(self, step: Step, session: str, *, holds_order: bool) -> Answer:
        assert (session == "token") == step.path.startswith("/api/orders")
        assert holds_order
        self.asked.append(step.path)
        return self.answers["order" if step.name == "show order" else "ticket"]


def witness(**answers: Answer) -> ApiWitness:
    shop: Any = FakeShop(**answers)
    return ApiWitness(shop=shop, sessions={HIM: "token"}, tickets=[TICKET], told=Figures())


async def wrong(asking: ApiWitness) -> list[Violation]:
    return await asking.wrong([promise()], await asking.stored([promise()]))


async def test_an_order_is_what_the_api_tells_its_buyer() -> None:
    paid = order(status="complete", payment={"status": "paid", "stripeId": "pi_1"})
    mine = promise()
    mine.paid_with = "pi_1"
    journal = Journal()
    journal.reserved(mine)
    assert list(journal.broken(await witness(order=paid).stored([mine]), Read(20.0, 20.0), 30)) == []
    for unpaid in (order(), Answer(404)):
        [lost] = journal.broken(await witness(order=unpaid).stored([mine]), Read(20.0, 20.0), 30)
        assert lost.code == "acknowledged_lost"


@pytest.mark.parametrize("answer", [Answer(0), Answer(429), Answer(401)])
async def test_without_an_answer_nothing_is_proven(answer: Answer) -> None:
    with pytest.raises(ProofError, match="not answered"):
        await witness(order=answer).stored([promise()])


@pytest.mark.parametrize("body", [{}, {"errors": ["nope"]}])
async def test_an_answer_that_shows_something_else_proves_nothing(body: dict[str, Any]) -> None:
    asking = witness(order=Answer(200, body), ticket=Answer(200, body))
    with pytest.raises(ProofError, match="is no order"):
        await asking.stored([promise()])
    with pytest.raises(ProofError, match="is no ticket"):
        await asking.wrong([], {})


async def test_a_target_that_falls_silent_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    class Silent:
        url = "http://shop"

        async def ask(self, *_: Any, **__: Any) -> Answer:
            return await asyncio.Future()

    monkeypatch.setattr(patience, "ASKING_S", 0.01)
    shop: Any = Silent()
    asking = ApiWitness(shop=shop, sessions={HIM: "token"}, tickets=[TICKET], told=Figures())
    async with asyncio.timeout(5):
        with pytest.raises(ProofError, match="http://shop did not answer 1 questions within") as caught:
            await asking.stored([promise()])
        with pytest.raises(ProofError, match="did not answer 1 questions"):
            await asking.wrong([], {})
    assert caught.value.exit_status == 2


async def test_what_looks_wrong_only_between_two_reads_is_not_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    """Orders end while tickets are read: another one looks wrong at each look, and none at two of them."""
    monkeypatch.setattr(api_witness, "LOOK_AGAIN_S", 0.0)
    asking = witness(order=order(), ticket=Answer(200, {"id": str(TICKET)}))
    before = await asking.stored([promise()])
    shop: Any = asking.shop
    shop.answers["order"] = order(status="cancelled")
    assert await asking.wrong([promise()], before) == []


async def test_an_order_is_looked_at_when_its_time_is_over() -> None:
    asking = witness(order=order(status="cancelled"))
    shop: Any = asking.shop
    assert await asking.over([promise(datetime.now(UTC) + timedelta(minutes=15))]) == set()
    assert shop.asked == []
    assert await asking.over([promise(datetime.now(UTC) - timedelta(seconds=1))]) == {ORDER}


async def test_whether_its_time_is_over_the_marketplaces_own_clock_says() -> None:
    asking = witness(order=order(status="cancelled"))
    ours = SystemClock()
    soon = promise(ours.now() + timedelta(minutes=5))
    assert await asking.over([soon]) == set()
    asking.clock = ClockOf(ours.now() + timedelta(minutes=10), ours)
    assert await asking.over([soon]) == {ORDER}


async def test_the_stock_is_what_buyers_were_told() -> None:
    asking = witness()
    asking.told.count("reserved", 0.0)
    held = await asking.stock()
    asking.told.count("paid", 1.0)
    sold = await asking.stock()
    assert [(each.free, each.held, each.sold) for each in (held, sold)] == [(0, 1, 0), (0, 0, 1)]


async def test_a_ticket_with_another_holder_stays_wrong_until_nobody_looks_any_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(api_witness, "LOOK_AGAIN_S", 0.0)
    asking = witness(order=order(), ticket=Answer(200, {"id": str(TICKET)}))
    shop: Any = asking.shop
    [found] = await wrong(asking)
    assert (found.code, found.documents) == ("order_without_hold", (f"tickets/{TICKET}", f"orders/{ORDER}"))
    assert len(shop.asked) == 2 * api_witness.LOOKS_MAX
    kept = witness(order=order(), ticket=Answer(200, {"id": str(TICKET), "orderId": str(ORDER)}))
    assert await wrong(kept) == []


async def test_a_ticket_that_was_listed_and_is_not_there_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api_witness, "LOOK_AGAIN_S", 0.0)
    [found] = await wrong(witness(order=order(status="cancelled"), ticket=Answer(404)))
    assert (found.code, found.documents) == ("acknowledged_lost", (f"tickets/{TICKET}",))
