"""The payments supervisor dies in the middle of a request to Stripe, at every step: in the end the books agree."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests.chaos.victims import kill, supervisor
from tests.integration.money import assert_books_agree, open_page, order_a_seat, sandbox, wait_for_rest
from tests.integration.office import Office
from tests.integration.test_money_faults import CONFIRM, EXPIRE, OPEN, PAGE, REFUND, happened, harm, pay
from tests.waiting import wait_for

SLOW_MS = 1_500
"""How long a request is under way when its supervisor is killed."""


class Ambush:
    """Waits until a slow request is at Stripe, then kills the supervisor that made it."""

    def __init__(self, office: Office, where: dict[str, Any], effect: str) -> None:
        self._office = office
        self._victim = supervisor(office, "payments")
        with sandbox(office) as stripe:
            stripe.delete("/v1/sandbox/faults").raise_for_status()
            harm(stripe, effect, where | {"ms": SLOW_MS, "seconds": SLOW_MS / 1000})
        self._thread = threading.Thread(target=self._kill)
        self._thread.start()

    def _kill(self) -> None:
        with sandbox(self._office) as stripe:
            wait_for("the request at Stripe", lambda: happened(stripe), every_s=0.02)
        kill(self._victim)

    def over(self) -> None:
        """Wait for the kill."""
        self._thread.join(40)
        assert supervisor(self._office, "payments").pid != self._victim.pid


@pytest.fixture(autouse=True)
def no_faults(office: Office) -> Iterator[None]:
    """Leave the sandbox as it was."""
    yield
    with sandbox(office) as stripe:
        stripe.delete("/v1/sandbox/faults").raise_for_status()


@pytest.mark.parametrize("effect", ["slow", "timeout_after"])
@pytest.mark.parametrize("where", [OPEN, CONFIRM], ids=["open", "confirm"])
def test_killed_while_paying(office: Office, where: dict[str, Any], effect: str) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        ambush = Ambush(office, where, effect)

        if pay(buyer, order_id).status_code == 402:
            assert pay(buyer, order_id, key="again").status_code == 201
        ambush.over()

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"


@pytest.mark.parametrize("where", [PAGE, EXPIRE], ids=["page", "expire"])
def test_killed_while_a_page_opens_or_closes(office: Office, where: dict[str, Any]) -> None:
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
