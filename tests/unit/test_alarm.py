"""What an order hears when its payment window closes, and what its timer makes of the answer."""

import asyncio

import pytest

from actors.alarm import PATIENCE_S, Alarm, NotHeard
from actors.contract import ExpirationComplete, Id, OutcomeUnknown, Overloaded, Reply, Wake
from actors.expiration import Expiration
from actors.runtime.caller import Caller
from actors.runtime.envelope import ACKNOWLEDGED, UNANSWERED, Envelope

from .runtime.fakes import now_s, virtually

ORDER = Id()
TIMER = Expiration(id=ORDER, version=0)


class Orders:
    """Answers as scripted, then always with the last; keeps what it was sent."""

    def __init__(self, *replies: Reply) -> None:
        self.replies = list(replies)
        self.sent: list[Envelope] = []

    def leased(self, *_: object) -> None:
        return None

    async def send(self, envelope: Envelope) -> Reply:
        self.sent.append(envelope)
        await asyncio.sleep(0.1)
        return self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]


@virtually
async def test_the_order_is_told_until_it_has_heard_and_always_under_the_same_name() -> None:
    orders = Orders(UNANSWERED, OutcomeUnknown(reason="a read failed"), ACKNOWLEDGED)
    assert await Alarm(Caller(orders))(TIMER) == Wake()
    assert {(each.op, each.message) for each in orders.sent} == {
        (f"expiration/{ORDER}/complete", ExpirationComplete(order_id=ORDER))
    }
    assert [str(each.to) for each in orders.sent] == [f"orders/{ORDER}"] * 3


@virtually
@pytest.mark.parametrize("reply", [UNANSWERED, Overloaded(reason="full"), OutcomeUnknown(reason="nobody there")])
async def test_a_timer_is_not_told_that_its_order_has_heard_before_it_has(reply: Reply) -> None:
    with pytest.raises(NotHeard, match=f"orders/{ORDER}"):
        await Alarm(Caller(Orders(reply)))(TIMER)
    assert now_s() <= PATIENCE_S + 0.1
