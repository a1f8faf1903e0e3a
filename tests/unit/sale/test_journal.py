"""What buyers were told against what is stored."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from bson import ObjectId

from cluster.audit.violation import Violation
from cluster.sale.journal import Journal, Read, lost

from .promises import OPENED, promise, stored

SOON = Read(20.0, 21.0)


def broken(journal: Journal, *orders: tuple[ObjectId, dict[str, Any]], read: Read = SOON) -> list[Violation]:
    return list(journal.broken(dict(orders), read, grace_s=30))


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
        ({}, {"expiresAt": OPENED + timedelta(seconds=20)}, "acknowledged until"),
    ],
)
def test_a_promise_that_is_broken(told: dict[str, Any], is_stored: dict[str, Any], why: str) -> None:
    mine = promise(**told)
    assert why in str(lost(mine, stored(mine, **is_stored)))


def test_every_broken_promise_is_named_with_its_documents() -> None:
    journal, kept, gone = Journal(), promise(), promise(paid_with="pi_1")
    journal.reserved(kept)
    journal.reserved(gone)
    [found] = broken(journal, (kept.order_id, stored(kept)))
    assert found.code == "acknowledged_lost"
    assert found.documents == (f"orders/{gone.order_id}", f"tickets/{gone.ticket_id}", "stripe/pi_1")


def test_a_repetition_must_be_answered_the_same() -> None:
    journal, mine = Journal(), promise()
    journal.repeated(mine.order_id, (201, str(mine.order_id)))
    assert broken(journal) == []
    journal.repeated(mine.order_id, (400, ""))
    [found] = broken(journal)
    assert (found.code, found.documents) == ("answer_differs", (f"orders/{mine.order_id}",))


@pytest.mark.parametrize("is_his_own_told_last", [True, False])
def test_an_order_that_two_buyers_were_told_of_is_found_whoever_heard_first(is_his_own_told_last: bool) -> None:
    journal, his = Journal(), promise()
    others = replace(his, user_id=ObjectId())
    for each in (others, his) if is_his_own_told_last else (his, others):
        journal.reserved(each)
    found = {each.code: each for each in broken(journal, (his.order_id, stored(his)))}
    assert found["answer_differs"].documents == (f"orders/{his.order_id}",)
    assert f"{others.user_id}" in found["answer_differs"].sentence


def test_an_order_that_ended_before_its_time_is_a_broken_promise() -> None:
    journal, mine = Journal(), promise()
    journal.reserved(mine)
    mine.note("late", {}, at_s=13.0)
    [found] = broken(journal, (mine.order_id, stored(mine, status="cancelled")))
    assert (found.code, found.documents) == ("ended_early", (f"orders/{mine.order_id}", f"tickets/{mine.ticket_id}"))


def test_an_order_that_never_ends_is_a_broken_promise() -> None:
    journal, mine = Journal(), promise(abandoned=True)
    journal.reserved(mine)
    assert broken(journal, (mine.order_id, stored(mine)), read=Read(940.0, 960.0)) == []
    [found] = broken(journal, (mine.order_id, stored(mine)), read=Read(950.0, 960.0))
    assert found.code == "hold_overdue"


def test_a_ticket_that_was_granted_anew_too_soon_is_oversold_even_if_all_is_well_in_the_end() -> None:
    journal, first = Journal(), promise(abandoned=True)
    second = promise(ticket_id=first.ticket_id, asked_s=30.0, told_s=31.0, paid_s=32.0, paid_with="pi_1")
    for each in (first, second):
        journal.reserved(each)
    orders = [(first.order_id, stored(first, status="cancelled")), (second.order_id, stored(second, **PAID))]
    found = {each.code: each.documents for each in broken(journal, *orders, read=Read(9_999.0, 9_999.0))}
    names = (f"tickets/{first.ticket_id}", f"orders/{first.order_id}", f"orders/{second.order_id}")
    assert found == {"oversold": names}
