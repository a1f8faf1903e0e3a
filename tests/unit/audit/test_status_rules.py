"""The rule of statuses: what no other rule would look at."""

from typing import get_args

import pytest
from bson import ObjectId

from actors.contract import OrderStatus, PaymentStatus
from actors.payment_state import Phase
from cluster.audit.facts import Account
from cluster.audit.rules import violations
from cluster.audit.status_rules import statuses, statuses_of

from .facts import GRACE, NOW, file_of, order_of


def test_every_status_that_is_written_is_known() -> None:
    for status in get_args(OrderStatus):
        assert not list(statuses(file_of(order_of(status=status))))
    for status in get_args(PaymentStatus):
        assert not list(statuses(file_of(order_of(payment=status))))
    for status in ("unknown", "open", "closed"):
        assert not list(statuses_of(Account(order_id=ObjectId(), status=status, phases=get_args(Phase))))


@pytest.mark.parametrize("change", [{"status": "completed"}, {"payment": "settled"}])
def test_an_order_in_no_status_is_named(change: dict[str, str]) -> None:
    file = file_of(order_of(**change))
    [found] = violations(file, NOW, GRACE)
    assert (found.code, found.documents) == ("unknown_status", (f"orders/{file.orders[0].id}",))


@pytest.mark.parametrize(("status", "phase"), [("ended", "failed"), ("open", "lost")])
def test_a_payment_in_no_status_is_named(status: str, phase: str) -> None:
    order_id = ObjectId()
    [found] = statuses_of(Account(order_id=order_id, status=status, phases=("opening", phase)))
    assert (found.code, found.documents) == ("unknown_status", (f"payments/{order_id}",))
