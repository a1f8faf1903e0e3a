"""Processes die in the middle of requests to Stripe, at every step, also among other faults: the books agree."""

import asyncio
import threading
from collections import Counter
from collections.abc import Iterator

import httpx
import pytest

from tests.chaos.deaths import Deaths
from tests.chaos.mixed_schedules import mixed
from tests.chaos.victims import kill, supervisor
from tests.integration.money import (
    assert_books_agree,
    open_page,
    order_a_seat,
    sandbox,
    wait_for_rest,
    wait_for_rest_of,
)
from tests.integration.money_faults import CONFIRM, EXPIRE, OPEN, PAGE, REFUND, Where, armed, struck
from tests.integration.money_schedules import FaultTally, act_out, assert_ends, count
from tests.integration.office import Office, Person
from tests.waiting import wait_for

SLOW_MS = 1_500
"""How long a request is under way when its supervisor is killed."""


class Ambush:
    """Waits until a slow request is at Stripe, then kills the supervisor that made it."""

    def __init__(self, office: Office, where: Where, effect: str) -> None:
        self._office = office
        self._victim = supervisor(office, "payments")
        with sandbox(office) as stripe:
            stripe.delete("/v1/sandbox/faults").raise_for_status()
            rule = {"effect": effect, **where, "ms": SLOW_MS, "seconds": SLOW_MS / 1000}
            stripe.post("/v1/sandbox/faults", json=rule).raise_for_status()
        self._thread = threading.Thread(target=self._kill)
        self._thread.start()

    def _kill(self) -> None:
        with sandbox(self._office) as stripe:
            wait_for("the request at Stripe", lambda: struck(stripe), every_s=0.02)
        kill(self._victim)

    def over(self) -> None:
        """Wait for the kill."""
        self._thread.join(40)
        assert supervisor(self._office, "payments").pid != self._victim.pid


def pay(buyer: Person, order_id: str, key: str = "pay") -> httpx.Response:
    """Pay, and ask again under the same key as long as the outcome is not known."""
    for _ in range(5):
        card = {"orderId": order_id, "token": "tok_visa"}
        answer = buyer.client.post("/api/payments", json=card, headers={"Idempotency-Key": key})
        if answer.status_code != 503:
            return answer
    raise AssertionError(f"the outcome of paying for {order_id} is still unknown: {answer.text}")


@pytest.fixture(autouse=True)
def no_faults(office: Office) -> Iterator[None]:
    """Leave the sandbox as it was."""
    yield
    with sandbox(office) as stripe:
        stripe.delete("/v1/sandbox/faults").raise_for_status()


@pytest.mark.parametrize("effect", ["slow", "timeout_after"])
@pytest.mark.parametrize("where", [OPEN, CONFIRM], ids=["open", "confirm"])
def test_killed_while_paying(office: Office, where: Where, effect: str) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        ambush = Ambush(office, where, effect)

        if pay(buyer, order_id).status_code == 402:
            assert pay(buyer, order_id, key="again").status_code == 201
        ambush.over()

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"


@pytest.mark.parametrize("where", [PAGE, EXPIRE], ids=["page", "expire"])
def test_killed_while_a_page_opens_or_closes(office: Office, where: Where) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        ambush = Ambush(office, where, "slow")

        open_page(buyer, order_id)
        assert buyer.client.delete(f"/api/orders/{order_id}").status_code == 204
        ambush.over()

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "cancelled"


def test_killed_while_refunding(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        assert pay(buyer, order_id).status_code == 201
        ambush = Ambush(office, REFUND, "slow")

        assert seller.client.post(f"/api/orders/{order_id}/refund").status_code == 202
        ambush.over()

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "cancelled"


def test_killed_among_faults(office: Office, fault_tally: FaultTally) -> None:
    """Dozens of orders under pairs of faults; in the middle of them the supervisors die, and Stripe's stand-in."""
    table = mixed()

    with Deaths(office, sum(len(each.faults) for each in table)) as deaths:
        order_ids = asyncio.run(act_out(office, table, len(table), shaken=True))

    assert deaths.killed == ["payments", "orders", "payments again", "sandbox"]
    wait_for_rest_of(office, order_ids, deadline_s=60)
    with sandbox(office) as stripe:
        count(table, armed(stripe), fault_tally)
        stripe.delete("/v1/sandbox/faults").raise_for_status()
    fault_tally.faults += deaths.before.faults + Counter(f"kill -9 of {each}" for each in deaths.killed)
    assert_ends(office, dict(zip(order_ids, table, strict=True)))
