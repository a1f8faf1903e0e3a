"""serve_app.api.payments: what the one who pays hears."""

from datetime import timedelta
from typing import Any

import httpx
import pytest
from bson import ObjectId
from msgspec.structs import replace

from actors.contract import (
    NextAction,
    OrderReply,
    OrderSettled,
    OutcomeUnknown,
    Overloaded,
    PaymentMethod,
    PaymentRecord,
    PaymentStatus,
    PayOrder,
    TicketRecord,
)
from serve_app.api.checkouts import why_no_page
from serve_app.api.payments import outcome
from serve_app.refusals import ApiError
from tests.unit.api.fakes import NOON, FakeOffice

ADA, EVE, BOB = ObjectId(), ObjectId(), ObjectId()
PAYMENT, ORDER = ObjectId(), ObjectId()
WISH = PayOrder(user_id=EVE, payment_id=PAYMENT, method=PaymentMethod(token="tok_visa"))


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


async def an_order(office: FakeOffice) -> str:
    async with office.client(ADA) as ada, office.client(EVE) as eve:
        ticket = (await ada.post("/api/tickets", json={"title": "Seat", "price": 20.5})).json()
        return str((await eve.post("/api/orders", json={"ticketId": ticket["id"]})).json()["id"])


def settled(payment: PaymentRecord | None, status: Any = "awaiting:payment") -> OrderReply:
    ticket = TicketRecord(id=ADA, title="Seat", price=2050, user_id=ADA, version=1)
    return OrderReply(
        order_id=ORDER, status=status, user_id=EVE, expires_at=NOON + timedelta(minutes=15), version=2, ticket=ticket,
        payment=payment,
    )  # fmt: skip


def attempt(status: PaymentStatus, **fields: Any) -> PaymentRecord:
    return PaymentRecord(status=status, attempt=1, payment_id=PAYMENT, amount=2050, **{"stripe_id": "pi_1", **fields})


@pytest.mark.parametrize(("kind", "means"), [("token", "tok_visa"), ("paymentMethod", "pm_card_visa")])
async def test_paying(kind: str, means: str) -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        answer = await eve.post("/api/payments", json={"orderId": order_id, kind: means})
        assert answer.status_code == 201
        assert answer.json() == {"id": answer.json()["id"], "orderId": order_id, "stripeId": "pi_1"}
        order = (await eve.get(f"/api/orders/{order_id}")).json()
        assert (order["status"], order["payment"]) == (
            "complete", {"status": "paid", "stripeId": "pi_1", "amount": 20.5}
        )  # fmt: skip
        again = await eve.post("/api/payments", json={"orderId": order_id, kind: means})
        assert code(again) == (400, "order_paid")


async def test_who_may_not_pay() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(BOB) as bob, office.client() as anyone:
        body = {"orderId": order_id, "token": "tok_visa"}
        assert code(await bob.post("/api/payments", json=body)) == (401, "not_the_buyer")
        assert code(await anyone.post("/api/payments", json=body)) == (401, "not_signed_in")
        missing = await bob.post("/api/payments", json={**body, "orderId": str(ObjectId())})
        assert code(missing) == (404, "order_not_found")


async def test_a_declined_card_leaves_the_order_payable() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        declined = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_insufficient_funds"})
        assert declined.status_code == 402
        assert declined.json() == {
            "errors": [{"code": "insufficient_funds", "message": "The bank says insufficient_funds"}]
        }
        paid = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
        assert paid.status_code == 201


@pytest.mark.parametrize(
    ("field", "means"), [("token", "tok_resource_missing"), ("paymentMethod", "pm_resource_missing")]
)
async def test_what_stripe_does_not_know_was_not_declined(field: str, means: str) -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        answer = await eve.post("/api/payments", json={"orderId": order_id, field: means})
        assert answer.status_code == 400
        assert answer.json() == {
            "errors": [{"code": "invalid_payment_method", "message": "The bank says resource_missing", "field": field}]
        }
        paid = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
        assert paid.status_code == 201


async def test_the_bank_wants_to_see_the_buyer() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        answer = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_action"})
        assert (answer.status_code, answer.json()) == (
            202,
            {
                "id": answer.json()["id"],
                "orderId": order_id,
                "stripeId": "pi_1",
                "status": "requires_action",
                "nextAction": {
                    "type": "redirect_to_url",
                    "url": "https://bank.example",
                    "clientSecret": "secret",
                },
            },
        )
        another = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
        assert code(another) == (400, "payment_in_progress")


async def test_a_cancelled_order_cannot_be_paid() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        await eve.delete(f"/api/orders/{order_id}")
        answer = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"})
    assert code(answer) == (400, "order_cancelled")


async def test_stripe_does_not_answer_in_time() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        answer = await eve.post("/api/payments", json={"orderId": order_id, "token": "tok_slow"})
    assert code(answer) == (503, "outcome_unknown")


async def test_nothing_was_begun_where_the_order_is_overloaded() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        body = {"orderId": order_id, "token": "tok_visa"}
        office.actors.answer(OrderSettled, Overloaded(reason="full"))
        assert code(await eve.post("/api/payments", json=body)) == (503, "outcome_unknown")
        office.actors.answer(PayOrder, Overloaded(reason="full"))
        assert code(await eve.post("/api/payments", json=body)) == (503, "overloaded")


@pytest.mark.parametrize("status", ["paid", "refunding"])
def test_money_that_came_is_a_payment(status: PaymentStatus) -> None:
    assert outcome(settled(attempt(status), "complete"), WISH).status == 201


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (settled(attempt("failed", code="card_declined", reason="No"), "created"), (402, "card_declined")),
        (settled(attempt("failed"), "created"), (402, "payment_failed")),
        (settled(attempt("failed", code="stopped"), "created"), (400, "order_cancelled")),
        (settled(attempt("failed", code="card_declined"), "cancelled"), (400, "order_cancelled")),
        (settled(attempt("failed", code="resource_missing"), "created"), (400, "invalid_payment_method")),
        (settled(attempt("failed", code="resource_missing"), "cancelled"), (400, "order_cancelled")),
        (settled(attempt("failed", code="payment_in_progress"), "created"), (400, "payment_in_progress")),
        (settled(None, "created"), (402, "payment_failed")),
        (settled(None, "cancelled"), (400, "order_cancelled")),
        (settled(replace(attempt("paid"), payment_id=ADA), "complete"), (400, "order_paid")),
        (settled(replace(attempt("failed"), payment_id=ADA), "created"), (402, "payment_failed")),
        (settled(attempt("processing")), (503, "outcome_unknown")),
        # Money that came late: the ticket is being asked; it was gone; or the seller has given the money back.
        (settled(attempt("paid"), "cancelled"), (503, "outcome_unknown")),
        (settled(attempt("refunding"), "cancelled"), (400, "order_cancelled")),
        (settled(attempt("refunded"), "cancelled"), (400, "order_cancelled")),
    ],
    ids=str,
)
def test_money_that_did_not_come(order: OrderReply, expected: tuple[int, str]) -> None:
    with pytest.raises(ApiError) as error:
        outcome(order, WISH)
    assert (error.value.status, error.value.code) == expected


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (settled(attempt("paid"), "complete"), (400, "order_paid")),
        (settled(attempt("processing")), (503, "outcome_unknown")),
        (settled(attempt("paid"), "cancelled"), (503, "outcome_unknown")),
        (settled(attempt("refunding"), "cancelled"), (400, "order_cancelled")),
        (settled(attempt("failed", code="stopped"), "cancelled"), (400, "order_cancelled")),
        (
            settled(attempt("failed", code="amount_too_small", reason="Too little"), "created"),
            (402, "amount_too_small"),
        ),
        (settled(replace(attempt("failed"), payment_id=ADA), "created"), (402, "payment_failed")),
    ],
    ids=str,
)
def test_why_there_is_no_page_to_pay_on(order: OrderReply, expected: tuple[int, str]) -> None:
    error = why_no_page(order, PAYMENT)
    assert (error.status, error.code) == expected


def test_an_action_shows_only_what_is_there() -> None:
    order = settled(attempt("requires_action", next_action=NextAction(kind="use_stripe_sdk")))
    assert b'"nextAction":{"type":"use_stripe_sdk"}' in outcome(order, WISH).content


async def test_a_keyed_repetition_whose_record_is_lost_finds_its_own_money() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        body, headers = {"orderId": order_id, "token": "tok_visa"}, {"Idempotency-Key": "k"}
        first = await eve.post("/api/payments", json=body, headers=headers)
        office.database["idempotency"].documents.clear()

        again = await eve.post("/api/payments", json=body, headers=headers)
        other = await eve.post("/api/payments", json=body, headers={"Idempotency-Key": "other"})

    assert (again.status_code, again.json()) == (201, first.json())
    assert code(other) == (400, "order_paid")


async def test_a_keyed_payment_of_unknown_outcome_is_asked_again() -> None:
    office = FakeOffice()
    order_id = await an_order(office)
    async with office.client(EVE) as eve:
        body, headers = {"orderId": order_id, "token": "tok_visa"}, {"Idempotency-Key": "k"}
        office.actors.answer(OrderSettled, OutcomeUnknown(reason="lost"))
        assert code(await eve.post("/api/payments", json=body, headers=headers)) == (503, "outcome_unknown")
        assert [each.get("status") for each in office.database["idempotency"].documents.values()] == [None]
        del office.actors.script[OrderSettled]

        answer = await eve.post("/api/payments", json=body, headers=headers)

    assert answer.status_code == 201
    assert len({each.op for each in office.actors.sent if isinstance(each.message, PayOrder)}) == 1
