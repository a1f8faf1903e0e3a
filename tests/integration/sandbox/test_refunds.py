"""Giving money back, and what the ledger says of it all."""

from typing import Any

from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.shop import Shop
from tests.integration.sandbox.steps import pay, refused
from tests.waiting import wait_for


def test_refunds_stop_at_what_was_paid(api: Any) -> None:
    intent = pay(api)
    part = api.refunds.create({"payment_intent": intent.id, "amount": 400, "metadata": {"why": "rain"}})
    assert (part.status, part.amount, part.metadata["why"]) == ("succeeded", 400, "rain")
    error = refused(lambda: api.refunds.create({"charge": intent.latest_charge, "amount": 601}))
    assert error.param == "amount"
    assert "$6.00" in str(error)
    rest = api.refunds.create({"charge": intent.latest_charge})
    assert rest.amount == 600
    again = refused(lambda: api.refunds.create({"payment_intent": intent.id}))
    assert again.code == "charge_already_refunded"
    charge = api.charges.retrieve(intent.latest_charge)
    assert (charge.amount_refunded, charge.refunded) == (1000, True)
    assert [one.id for one in api.refunds.list({"payment_intent": intent.id}).data] == [rest.id, part.id]


def test_unpaid_intents_cannot_be_refunded(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd"})
    assert "successful charge" in str(refused(lambda: api.refunds.create({"payment_intent": intent.id})))
    assert refused(lambda: api.refunds.create({"payment_intent": "pi_no"})).code == "resource_missing"
    assert refused(lambda: api.refunds.create({"amount": 5})).code == "parameter_missing"


def test_a_refund_can_fail_later_and_then_the_money_is_still_ours(api: Any) -> None:
    intent = pay(api, "pm_card_refundFail")
    refund = api.refunds.create({"payment_intent": intent.id})
    assert refund.status == "succeeded"
    failed = api.refunds.retrieve(refund.id)
    assert (failed.status, failed.failure_reason) == ("failed", "expired_or_canceled_card")
    assert api.charges.retrieve(intent.latest_charge).amount_refunded == 0


def test_a_shop_that_never_asks_hears_how_a_refund_ends(api: Any, shop: Shop, listening: Any) -> None:
    refund = api.refunds.create({"payment_intent": pay(api, "pm_card_refundFail").id})
    wait_for("the refund's end", lambda: "refund.failed" in shop.types(), 15)
    (failed,) = [event for event in shop.got if event.type == "refund.failed"]
    assert (failed.data.object["id"], failed.data.object["status"]) == (refund.id, "failed")


def test_the_ledger_adds_up(own_sandbox: Sandbox) -> None:
    api: Any = own_sandbox.client().v1
    paid = pay(api, metadata={"order_id": "7"})
    api.refunds.create({"payment_intent": paid.id, "amount": 300})
    ledger = own_sandbox.raw("GET", "/v1/sandbox/ledger").json()
    rows = {row["payment_intent"]: row for row in ledger["data"]}
    assert (ledger["captured"], ledger["refunded"], ledger["livemode"]) == (1000, 300, False)
    assert (rows[paid.id]["refunded"], rows[paid.id]["metadata"]) == (300, {"order_id": "7"})
