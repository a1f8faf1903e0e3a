"""What buyers were told against what is stored."""

from datetime import UTC, datetime
from typing import Any

import pytest
from bson import ObjectId

from cluster.sale.journal import Journal, Promise, lost


def promise(**changes: Any) -> Promise:
    given = {
        "order_id": ObjectId(),
        "ticket_id": ObjectId(),
        "user_id": ObjectId(),
        "version": 1,
        "price": 1999,
        "expires_at": datetime(2030, 1, 1, tzinfo=UTC),
    }
    return Promise(**given | changes)


def stored(told: Promise, **changes: Any) -> dict[str, Any]:
    ticket = {"id": told.ticket_id, "price": told.price}
    return {"userId": told.user_id, "ticket": ticket, "version": told.version, "status": "created"} | changes


PAID = {"status": "complete", "payment": {"stripeId": "pi_1"}}


@pytest.mark.parametrize(
    ("told", "is_stored"),
    [
        ({}, {}),
        ({}, {"version": 9, "status": "cancelled"}),
        ({"paid_with": "pi_1"}, PAID),
        ({"cancelled": True}, {"status": "cancelled"}),
        ({"abandoned": True}, {"status": "cancelled"}),
    ],
)
def test_a_promise_that_is_kept(told: dict[str, Any], is_stored: dict[str, Any]) -> None:
    mine = promise(**told)
    assert lost(mine, stored(mine, **is_stored)) is None


@pytest.mark.parametrize(
    ("told", "is_stored", "why"),
    [
        ({}, {"version": 0}, "version"),
        ({}, {"userId": ObjectId()}, "another buyer"),
        ({}, {"ticket": {"id": ObjectId(), "price": 1999}}, "another buyer or ticket"),
        ({"paid_with": "pi_1"}, {}, "payment was acknowledged"),
        ({"paid_with": "pi_2"}, PAID, "paid by pi_1"),
        ({"cancelled": True}, PAID, "cancellation was acknowledged"),
    ],
)
def test_a_promise_that_is_broken(told: dict[str, Any], is_stored: dict[str, Any], why: str) -> None:
    mine = promise(**told)
    assert why in str(lost(mine, stored(mine, **is_stored)))


def test_every_broken_promise_is_named_with_its_documents() -> None:
    journal, kept, gone = Journal(), promise(), promise(paid_with="pi_1")
    journal.reserved(kept)
    journal.reserved(gone)
    [broken] = journal.broken({kept.order_id: stored(kept)})
    assert broken.code == "acknowledged_lost"
    assert broken.documents == (f"orders/{gone.order_id}", f"tickets/{gone.ticket_id}", "stripe/pi_1")


def test_a_repetition_must_be_answered_the_same() -> None:
    journal, mine = Journal(), promise()
    journal.repeated(mine.order_id, (201, str(mine.order_id)))
    assert list(journal.broken({})) == []
    journal.repeated(mine.order_id, (400, ""))
    [broken] = journal.broken({})
    assert (broken.code, broken.documents) == ("answer_differs", (f"orders/{mine.order_id}",))
