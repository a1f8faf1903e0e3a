"""What the API must show, and what becomes of a proof where it does not."""

from typing import Any

import pytest
from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.shown import holder_of, made_id, order_of

from .test_granted import GRANTED, ORDER, TICKET

HIM = ObjectId()
SHOWN = GRANTED | {"userId": str(HIM), "status": "complete", "payment": {"stripeId": "pi_1"}}


def test_an_order_is_shown_as_it_is_stored() -> None:
    found = order_of(ORDER, SHOWN)
    assert (found["userId"], found["status"], found["payment"]) == (HIM, "complete", {"stripeId": "pi_1"})
    assert found["ticket"] == {"id": TICKET, "price": 1999}
    assert order_of(ORDER, {name: SHOWN[name] for name in SHOWN if name != "payment"})["payment"] == {}


@pytest.mark.parametrize(
    "wrong",
    [{"id": None}, {"expiresAt": None}, {"userId": "nope"}, {"status": None}, {"status": []}, {"payment": None}],
)
def test_what_is_no_order_proves_nothing(wrong: dict[str, Any]) -> None:
    with pytest.raises(ProofError, match=f"What /api/orders/{ORDER} shows is no order"):
        order_of(ORDER, SHOWN | wrong)


def test_a_ticket_is_shown_with_its_holder_or_none() -> None:
    assert holder_of(TICKET, {"id": str(TICKET), "orderId": str(ORDER)}) == str(ORDER)
    assert holder_of(TICKET, {"id": str(TICKET)}) is None


@pytest.mark.parametrize("body", [{}, {"id": str(TICKET), "orderId": "nope"}, {"id": str(TICKET), "orderId": ""}])
def test_what_is_no_ticket_proves_nothing(body: dict[str, Any]) -> None:
    with pytest.raises(ProofError, match=f"What /api/tickets/{TICKET} shows is no ticket"):
        holder_of(TICKET, body)


def test_what_was_made_is_named() -> None:
    assert made_id("http://shop", GRANTED) == ORDER
    with pytest.raises(ProofError, match="http://shop answers with 201 and does not name what was made"):
        made_id("http://shop", {})
