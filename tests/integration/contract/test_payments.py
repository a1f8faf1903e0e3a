"""API.md, POST /api/payments: paying, and every way it can fail."""

import httpx
import pytest

from tests.integration.contract.people import NOWHERE, Json, Person, refused


@pytest.mark.parametrize("means", [{"token": "tok_visa"}, {"paymentMethod": "pm_card_visa"}], ids=str)
def test_paying(buyer: Person, order: Json, means: Json) -> None:
    answer = buyer.post("/api/payments", {"orderId": order["id"], **means})

    assert answer.status_code == 201, answer.text
    payment = answer.json()
    assert payment.keys() == {"id", "orderId", "stripeId"}
    assert (len(payment["id"]), payment["orderId"]) == (24, order["id"])
    paid = buyer.order(order)
    assert paid["status"] == "complete"
    assert paid["payment"] == {"status": "paid", "stripeId": payment["stripeId"], "amount": order["ticket"]["price"]}


def test_a_declined_card_and_then_a_good_one(buyer: Person, order: Json) -> None:
    answer = buyer.pays(order, "pm_card_chargeDeclinedInsufficientFunds")

    assert refused(answer) == (402, [("insufficient_funds", None)])
    declined = buyer.order(order)
    assert (declined["status"], declined["payment"]["status"]) == ("created", "failed")
    assert declined["payment"]["reason"] == answer.json()["errors"][0]["message"]
    assert buyer.pays(order).status_code == 201


@pytest.mark.parametrize(("field", "means"), [("token", "tok_nobodys"), ("paymentMethod", "pm_nobodys")])
def test_what_stripe_does_not_know(buyer: Person, order: Json, field: str, means: str) -> None:
    answer = buyer.post("/api/payments", {"orderId": order["id"], field: means})
    assert refused(answer) == (400, [("invalid_payment_method", field)])
    assert means in answer.json()["errors"][0]["message"]
    assert buyer.pays(order).status_code == 201


def test_a_card_that_asks_for_its_owner(buyer: Person, order: Json) -> None:
    answer = buyer.pays(order, "pm_card_authenticationRequired")

    assert answer.status_code == 202, answer.text
    payment = answer.json()
    assert payment.keys() == {"id", "orderId", "stripeId", "status", "nextAction"}
    assert (payment["orderId"], payment["status"]) == (order["id"], "requires_action")
    assert payment["nextAction"]["type"]
    waiting = buyer.order(order)
    assert (waiting["status"], waiting["payment"]["status"]) == ("awaiting:payment", "requires_action")

    another = buyer.pays(order)
    assert refused(another) == (400, [("payment_in_progress", None)])


def test_paying_twice(buyer: Person, sale: Json) -> None:
    assert refused(buyer.pays(sale)) == (400, [("order_paid", None)])


def test_paying_for_a_cancelled_order(buyer: Person, order: Json) -> None:
    assert buyer.delete(f"/api/orders/{order['id']}").status_code == 204
    assert refused(buyer.pays(order)) == (400, [("order_cancelled", None)])


def test_paying_for_anothers_order(stranger: Person, order: Json) -> None:
    assert refused(stranger.pays(order)) == (401, [("not_the_buyer", None)])


def test_paying_for_what_does_not_exist(buyer: Person) -> None:
    assert refused(buyer.pays({"id": NOWHERE})) == (404, [("order_not_found", None)])


def test_paying_needs_a_session(anyone: httpx.Client) -> None:
    answer = anyone.post("/api/payments", json={"orderId": NOWHERE, "token": "tok_visa"})
    assert refused(answer) == (401, [("not_signed_in", None)])


@pytest.mark.parametrize("order_id", [None, 7, "", "x" * 24, {}])
def test_paying_for_what_is_no_id(buyer: Person, order_id: object) -> None:
    answer = buyer.post("/api/payments", {"orderId": order_id, "token": "tok_visa"})
    assert refused(answer) == (400, [("invalid_id", "orderId")])


@pytest.mark.parametrize(
    "means",
    [{}, {"token": ""}, {"token": 7}, {"token": "tok visa"}, {"token": "tok/../visa"}, {"paymentMethod": "x" * 256},
     {"token": "tok_visa", "paymentMethod": "pm_card_visa"}, {"paymentMethod": ["pm_card_visa"]},
     {"token": "pm_card_visa"}, {"paymentMethod": "tok_visa"}],
    ids=str,
)  # fmt: skip
def test_paying_with_what_is_no_card(buyer: Person, means: Json) -> None:
    answer = buyer.post("/api/payments", {"orderId": NOWHERE, **means})
    field = "paymentMethod" if means.keys() == {"paymentMethod"} else "token"
    assert refused(answer) == (400, [("invalid_payment_method", field)])
