"""Every fault at every step at Stripe, over HTTP: in the end the books agree."""

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from tests.integration.money import assert_books_agree, open_page, order_a_seat, press, sandbox, wait_for_rest
from tests.integration.office import Office, Person

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

OPEN = {"method": "POST", "path": "/v1/payment_intents"}
CONFIRM = {"method": "POST", "path": "/v1/payment_intents/*/confirm"}
RETRIEVE = {"method": "GET", "path": "/v1/payment_intents/*"}
CANCEL = {"method": "POST", "path": "/v1/payment_intents/*/cancel"}
REFUND = {"method": "POST", "path": "/v1/refunds"}
PAGE = {"method": "POST", "path": "/v1/checkout/sessions"}
EXPIRE = {"method": "POST", "path": "/v1/checkout/sessions/*/expire"}

EFFECTS = [
    "lost_response",
    "error_before",
    "error_after",
    "timeout_before",
    "timeout_after",
    "rate_limit",
    "key_in_use",
]
WEBHOOKS = ["webhook_duplicate", "webhook_delay", "webhook_reorder", "webhook_drop", "webhook_never"]


@pytest.fixture
def stripe(office: Office) -> Iterator[httpx.Client]:
    """The sandbox, whose faults are gone after the test."""
    with sandbox(office) as client:
        client.delete("/v1/sandbox/faults").raise_for_status()
        yield client
        client.delete("/v1/sandbox/faults").raise_for_status()


def harm(stripe: httpx.Client, effect: str, where: dict[str, Any], times: int = 1) -> None:
    """Let the next requests there go wrong."""
    rule = {"effect": effect, "times": times, "seconds": 0.5, **where}
    stripe.post("/v1/sandbox/faults", json=rule).raise_for_status()


def happened(stripe: httpx.Client) -> int:
    """How many faults did happen."""
    counts = stripe.get("/v1/sandbox/faults").raise_for_status().json()["happened"]
    return sum(counts.values())


def pay(buyer: Person, order_id: str, token: str = "tok_visa", key: str = "pay") -> httpx.Response:
    """Pay, and ask again under the same key as long as the outcome is not known."""
    for _ in range(5):
        card = {"orderId": order_id, "token": token}
        answer = buyer.client.post("/api/payments", json=card, headers={"Idempotency-Key": key})
        if answer.status_code != 503:
            return answer
    raise AssertionError(f"the outcome of paying for {order_id} is still unknown: {answer.text}")


@pytest.mark.parametrize("effect", EFFECTS)
@pytest.mark.parametrize("where", [OPEN, CONFIRM], ids=["open", "confirm"])
def test_paying(office: Office, stripe: httpx.Client, effect: str, where: dict[str, Any]) -> None:
    harm(stripe, effect, where)
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)

        first = pay(buyer, order_id)
        if first.status_code == 402:  # given up rather than guessed: no money was taken, another try works
            assert pay(buyer, order_id, key="again").status_code == 201

    assert happened(stripe) == 1
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"


@pytest.mark.parametrize("effect", EFFECTS[:-1])
def test_declined_and_then_paid(office: Office, stripe: httpx.Client, effect: str) -> None:
    harm(stripe, effect, CANCEL)
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)

        assert pay(buyer, order_id, "tok_chargeDeclined").status_code == 402
        assert pay(buyer, order_id, key="with another card").status_code == 201

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"


@pytest.mark.parametrize(
    ("effect", "where"),
    [(effect, PAGE) for effect in EFFECTS] + [(effect, EXPIRE) for effect in EFFECTS[:-1]],  # expiring needs no key
)
def test_opening_the_page_and_cancelling(
    office: Office, stripe: httpx.Client, effect: str, where: dict[str, Any]
) -> None:
    harm(stripe, effect, where)
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        open_page(buyer, order_id)

        assert buyer.client.delete(f"/api/orders/{order_id}").status_code == 204

    assert happened(stripe) == 1
    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "cancelled"


@pytest.mark.parametrize("effect", EFFECTS)
def test_refunding(office: Office, stripe: httpx.Client, effect: str) -> None:
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)
        assert pay(buyer, order_id).status_code == 201
        harm(stripe, effect, REFUND)

        assert seller.client.post(f"/api/orders/{order_id}/refund").status_code == 202

    wait_for_rest(office, order_id)
    assert happened(stripe) == 1
    assert assert_books_agree(office, order_id) == "cancelled"


@pytest.mark.parametrize("effect", WEBHOOKS)
def test_webhooks(office: Office, stripe: httpx.Client, effect: str) -> None:
    harm(stripe, effect, {"event": "*"}, times=20)
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)

        press(open_page(buyer, order_id), "pay", card="visa")

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"


@pytest.mark.parametrize(("first", "second"), [(a, b) for a in EFFECTS[:5] for b in EFFECTS[:5]])
def test_pairs_of_faults_while_paying(office: Office, stripe: httpx.Client, first: str, second: str) -> None:
    harm(stripe, first, CONFIRM)
    harm(stripe, second, RETRIEVE)
    with office.person() as seller, office.person() as buyer:
        order_id = order_a_seat(seller, buyer)

        if pay(buyer, order_id).status_code == 402:
            assert pay(buyer, order_id, key="again").status_code == 201

    wait_for_rest(office, order_id)
    assert assert_books_agree(office, order_id) == "complete"
