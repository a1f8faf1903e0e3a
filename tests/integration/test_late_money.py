"""Money that nobody waits for any more, and money that goes back by another's hand: the books agree in the end."""

import json
import os
import subprocess
import sys

import pytest
from bson import ObjectId

from actors.order_refunds import NOT_ARRIVED
from tests.integration.money import assert_books_agree, order_a_seat, sandbox, wait_for_rest
from tests.integration.office import ROOT, Office, Person
from tests.waiting import wait_for

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


def declined_and_cancelled(office: Office, seller: Person, buyer: Person) -> tuple[str, str]:
    """An order whose only attempt was declined, and that is over; its id and its ticket's."""
    order_id = order_a_seat(seller, buyer)
    card = {"orderId": order_id, "token": "tok_chargeDeclined"}
    assert buyer.client.post("/api/payments", json=card).status_code == 402
    assert buyer.client.delete(f"/api/orders/{order_id}").status_code == 204
    wait_for_rest(office, order_id)
    order = office.mongo.orders.find_one({"_id": ObjectId(order_id)}) or {}
    return order_id, str(order["ticket"]["id"])


def the_bank_pays_nevertheless(office: Office, order_id: str, cents: int = 1999) -> None:
    """At Stripe an intent of the dead attempt takes money: what our rules exclude, and the world does anyway."""
    with sandbox(office) as stripe:
        form = {
            "amount": cents,
            "currency": "usd",
            "confirm": "true",
            "payment_method": "pm_card_visa",
            "allowed_payment_method_types[0]": "card",
            "metadata[order_id]": order_id,
            "metadata[attempt]": "1",
        }
        stripe.post("/v1/payment_intents", data=form).raise_for_status()


def status_of(office: Office, order_id: str) -> str:
    return str((office.mongo.orders.find_one({"_id": ObjectId(order_id)}) or {}).get("status"))


def test_late_money_gets_the_ticket_that_is_still_free(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id, ticket_id = declined_and_cancelled(office, seller, buyer)

        the_bank_pays_nevertheless(office, order_id)

        wait_for("the sale after all", lambda: status_of(office, order_id) == "complete", deadline_s=10)
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"
    ticket = office.mongo.tickets.find_one({"_id": ObjectId(ticket_id)}) or {}
    assert ticket["hold"]["holdNumber"] == 2


def test_late_money_goes_back_when_somebody_else_has_the_ticket(office: Office) -> None:
    with office.person() as seller, office.person() as buyer, office.person() as faster:
        order_id, ticket_id = declined_and_cancelled(office, seller, buyer)
        second = faster.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()

        the_bank_pays_nevertheless(office, order_id)

        def went_back() -> bool:
            shown = buyer.client.get(f"/api/orders/{order_id}").json()
            return bool(shown["payment"]["status"] == "refunded")

        wait_for("the refund", went_back, deadline_s=15)
        shown = buyer.client.get(f"/api/orders/{order_id}").json()
        assert shown["payment"]["reason"] == "The money came after the order had ended, and the ticket is gone"
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "cancelled"
    ticket = office.mongo.tickets.find_one({"_id": ObjectId(ticket_id)}) or {}
    assert str(ticket["hold"]["orderId"]) == second["id"]


def test_a_refund_by_hand_at_stripe_ends_the_sale(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        paid = buyer.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"}).json()

        with sandbox(office) as stripe:
            stripe.post("/v1/refunds", data={"payment_intent": paid["stripeId"]}).raise_for_status()

        wait_for("the order's end", lambda: status_of(office, order_id) == "cancelled", deadline_s=10)
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "cancelled"


def test_a_refund_that_fails_after_it_succeeded_is_given_again_and_says_so(office: Office) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        card = {"orderId": order_id, "paymentMethod": "pm_card_refundFail"}
        buyer.client.post("/api/payments", json=card).raise_for_status()

        # When the seller gives the money back, and Stripe says first that it is, and then that it is not,
        seller.client.post(f"/api/orders/{order_id}/refund").raise_for_status()

        # then the buyer hears that it is still on its way to him, and why; the ticket is on sale again.
        def shown() -> bool:
            payment = buyer.client.get(f"/api/orders/{order_id}").json()["payment"]
            return bool((payment["status"], payment.get("reason")) == ("refunding", NOT_ARRIVED))

        wait_for("a refund that is to be given again", shown, deadline_s=15)
        assert status_of(office, order_id) == "cancelled"
    payment = office.mongo.payments.find_one({"_id": ObjectId(order_id)}) or {}
    assert (payment["attempt"]["phase"], payment["attempt"]["refunds"]) == ("refunding", 2)


def test_reconciling_finds_what_no_webhook_told_of(office: Office) -> None:
    with office.person() as seller, office.person() as buyer, sandbox(office) as stripe:
        order_id, _ = declined_and_cancelled(office, seller, buyer)
        silence = {"effect": "webhook_never", "event": "*", "times": 50}
        stripe.post("/v1/sandbox/faults", json=silence).raise_for_status()
        the_bank_pays_nevertheless(office, order_id)

        [report] = reconcile(office)

        assert (report["told"], report["failed"]) == (1, 0)
        wait_for("the sale after all", lambda: status_of(office, order_id) == "complete", deadline_s=10)
        stripe.delete("/v1/sandbox/faults").raise_for_status()
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"
    [report] = reconcile(office)
    assert report["told"] == 0, "nothing is news twice"


def reconcile(office: Office) -> list[dict[str, int]]:
    """`boxoffice reconcile --json`."""
    environ = os.environ | {"BOXOFFICE_DATA_DIR": str(office.folder)}
    command = [sys.executable, "-m", "cluster", "reconcile", "--json"]
    answer = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, check=True, timeout=120)
    reports: list[dict[str, int]] = json.loads(answer.stdout)
    return reports
