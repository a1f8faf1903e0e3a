"""Webhooks and returning buyers: verified, followed, and answered 200 only once the effect is committed."""

import asyncio
import hashlib
import hmac
import json
import time

import pytest
import stripe
from bson import ObjectId
from pymongo.errors import AutoReconnect

from actors.contract import Acknowledged, OutcomeUnknown, PaymentRecord
from actors.order_state import Order
from actors.runtime.codec import to_document
from serve_app.api.looks import ANSWER_KEPT_S
from tests.unit.api.fakes import FakeOffice

SECRET = "whsec_for_unit_tests"


@pytest.fixture
def office() -> FakeOffice:
    return FakeOffice(stripe_webhook_secret=SECRET)


def event(about: object, kind: str = "payment_intent.succeeded") -> bytes:
    return json.dumps({"id": "evt_1", "object": "event", "type": kind, "data": {"object": about}}).encode()


def signed(body: bytes, secret: str = SECRET, at: float | None = None) -> dict[str, str]:
    """As https://docs.stripe.com/webhooks#verify-manually describes it."""
    moment = int(at or time.time())
    digest = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={moment},v1={digest}", "Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("about", "followed"),
    [
        ({"id": "pi_1", "object": "payment_intent"}, ["pi_1"]),
        ({"id": "cs_1", "object": "checkout.session", "payment_intent": "pi_2"}, ["cs_1"]),
        ({"id": "ch_1", "object": "charge", "payment_intent": "pi_3"}, ["pi_3"]),
        ({"id": "re_1", "object": "refund", "payment_intent": "pi_4"}, ["re_1"]),
        ({"id": "cus_1", "object": "customer"}, []),
        ({"id": "pi_1\nERROR all is lost", "object": "payment_intent"}, []),
        ("nothing", []),
    ],
)
async def test_what_a_webhook_is_about_is_looked_up(office: FakeOffice, about: object, followed: list[str]) -> None:
    body = event(about)
    async with office.client() as stripe_itself:
        answer = await stripe_itself.post("/api/payments/webhook", content=body, headers=signed(body))
    assert answer.status_code == 200
    assert office.hints.followed == followed


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Stripe-Signature": "nonsense"},
        signed(event({"id": "pi_1"}), secret="whsec_of_somebody_else"),
        signed(event({"id": "pi_1"}), at=time.time() - 3600),
        signed(event({"id": "pi_2"})),
    ],
    ids=["none", "nonsense", "another secret", "an hour old", "of another body"],
)
async def test_what_stripe_has_not_signed_is_refused(office: FakeOffice, headers: dict[str, str]) -> None:
    async with office.client() as somebody:
        answer = await somebody.post("/api/payments/webhook", content=event({"id": "pi_1"}), headers=headers)
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_signature")
    assert office.hints.followed == []


async def test_what_is_nested_too_deeply_to_be_read_is_refused_though_it_is_signed(office: FakeOffice) -> None:
    body = b'{"data":' + b"[" * 20_000 + b"]" * 20_000 + b"}"
    async with office.client() as somebody:
        answer = await somebody.post("/api/payments/webhook", content=body, headers=signed(body))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "bad_signature")


async def test_without_a_secret_nothing_is_believed() -> None:
    office = FakeOffice()
    body = event({"id": "pi_1"})
    async with office.client() as somebody:
        answer = await somebody.post("/api/payments/webhook", content=body, headers=signed(body, secret=""))
    assert answer.status_code == 400
    assert office.hints.followed == []


@pytest.mark.parametrize("doubt", [OutcomeUnknown(reason="lost"), stripe.APIConnectionError("no answer")])
async def test_a_hint_that_could_not_be_applied_is_to_be_given_again(office: FakeOffice, doubt: object) -> None:
    office.hints.answer = doubt  # type: ignore[assignment]
    body = event({"id": "pi_1"})
    async with office.client() as stripe_itself:
        answer = await stripe_itself.post("/api/payments/webhook", content=body, headers=signed(body))
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (503, "outcome_unknown")
    assert answer.headers["Retry-After"] == "1"


async def test_an_object_that_is_not_there_is_not_asked_for_again(office: FakeOffice) -> None:
    office.hints.answer = stripe.InvalidRequestError("No such payment_intent", param="intent")
    body = event({"id": "pi_1"})
    async with office.client() as stripe_itself:
        answer = await stripe_itself.post("/api/payments/webhook", content=body, headers=signed(body))
    assert answer.status_code == 200


async def test_coming_back_needs_a_session_and_an_order(office: FakeOffice) -> None:
    back = "/api/payments/checkout/return"
    async with office.client() as nobody, office.client(ObjectId()) as buyer:
        assert (await nobody.get(back)).status_code == 401
        for wrong in ("", "?orderId=", "?orderId=x"):
            answer = await buyer.get(f"{back}{wrong}")
            assert answer.status_code == 400
            assert [(each["code"], each["field"]) for each in answer.json()["errors"]] == [("invalid_id", "orderId")]
        assert (await buyer.get(f"{back}?orderId={ObjectId()}")).status_code == 404


async def test_a_browser_that_comes_back_goes_on_to_the_order_s_page(office: FakeOffice) -> None:
    """Whatever Stripe says, or does not: the page shows what is known, and the rest as soon as it is."""
    for page, hint in (("cs_1", Acknowledged()), ("cs_2", stripe.APIConnectionError("lost"))):
        order_id, buyer = order_on_page(office, page)
        office.hints.answer = hint
        assert await comes_back(office, buyer, order_id, page) == (303, f"/orders/{order_id}")
    assert office.hints.followed == ["cs_1", "cs_2"]


async def test_who_comes_back_a_hundred_times_at_once_makes_us_ask_stripe_once(office: FakeOffice) -> None:
    order_id, buyer = order_on_page(office, "cs_1")
    seen = await asyncio.gather(*(comes_back(office, buyer, order_id, "cs_1") for _ in range(100)))
    assert set(seen) == {(303, f"/orders/{order_id}")}
    assert office.hints.followed == ["cs_1"]


async def test_a_look_is_shared_only_for_a_moment(office: FakeOffice) -> None:
    order_id, buyer = order_on_page(office, "cs_1")
    for later_s, looks in ((0, 1), (ANSWER_KEPT_S / 2, 1), (ANSWER_KEPT_S, 2)):
        await asyncio.sleep(later_s)
        await comes_back(office, buyer, order_id, "cs_1")
        assert len(office.hints.followed) == looks


async def test_looks_at_very_many_pages_are_not_taken(office: FakeOffice, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.api.looks.PAGES_MAX", 1)
    for page in ("cs_1", "cs_2"):
        order_id, buyer = order_on_page(office, page)
        assert await comes_back(office, buyer, order_id, page) == (303, f"/orders/{order_id}")
    assert office.hints.followed == ["cs_1"]


async def test_a_browser_that_comes_back_waits_for_no_stripe_that_hangs(
    office: FakeOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office.hints, "follow", lambda _page: asyncio.Event().wait())
    order_id, buyer = order_on_page(office, "cs_1")
    assert await comes_back(office, buyer, order_id, "cs_1") == (303, f"/orders/{order_id}")


@pytest.mark.parametrize("page", ["cs_2", "pi_1"])
async def test_only_the_buyer_makes_us_ask_stripe_and_only_about_the_page_that_is_open(
    office: FakeOffice, page: str
) -> None:
    order_id, buyer = order_on_page(office, page)
    assert await comes_back(office, buyer, order_id, "cs_1") == (303, f"/orders/{order_id}")
    order_id, _ = order_on_page(office, "cs_1")
    for stranger in (ObjectId(), None):
        assert await comes_back(office, stranger, order_id, "cs_1") == (303, f"/orders/{order_id}")
    assert office.hints.followed == []


async def test_a_browser_that_comes_back_while_the_books_are_shut_goes_on(office: FakeOffice) -> None:
    order_id, buyer = order_on_page(office, "cs_1")
    with office.broken(AutoReconnect("gone")):
        assert await comes_back(office, buyer, order_id, "cs_1") == (303, f"/orders/{order_id}")


def order_on_page(office: FakeOffice, page: str) -> tuple[ObjectId, ObjectId]:
    """An order whose buyer was sent to this page; its id and his."""
    order_id, buyer = ObjectId(), ObjectId()
    payment = PaymentRecord(status="requires_action", attempt=1, payment_id=ObjectId(), amount=1999, stripe_id=page)
    order = Order(id=order_id, version=1, status="awaiting:payment", user_id=buyer, payment=payment)
    office.database["orders"].documents[order_id] = to_document(order)
    return order_id, buyer


async def comes_back(office: FakeOffice, who: ObjectId | None, order_id: ObjectId, page: str) -> tuple[int, str]:
    """Where a browser is sent that comes from this page."""
    async with office.client(who) as browser:
        address = f"/api/payments/checkout/return?orderId={order_id}&session={page}"
        answer = await browser.get(address, headers={"Accept": "text/html,application/xhtml+xml"})
    return answer.status_code, answer.headers["location"]


@pytest.mark.parametrize("page", ["cs_x\nERROR all is lost", "cs_é", "cs_" + "x" * 256, "pi_1", ""], ids=ascii)
async def test_what_is_no_page_of_stripe_s_is_not_looked_up_and_not_written_down(
    office: FakeOffice, page: str, caplog: pytest.LogCaptureFixture
) -> None:
    office.hints.answer = stripe.InvalidRequestError("No such session", param="session")
    order_id, user_id = order_on_page(office, page)
    back = {"orderId": str(order_id), "session": page}
    async with office.client(user_id) as buyer:
        answer = await buyer.get("/api/payments/checkout/return", params=back, headers={"Accept": "text/html"})
    assert answer.status_code == 303
    assert office.hints.followed == []
    assert caplog.records == []
