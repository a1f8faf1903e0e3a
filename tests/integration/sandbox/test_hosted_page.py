"""The page where a buyer pays, as a browser without scripts sees it."""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.hosted_page import Form, asked, line, opened, send, success_of
from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.steps import refused

LABEL = "Stripe sandbox - no real money"


def test_a_buyer_pays_and_goes_back_to_the_shop(sandbox: Sandbox, api: Any) -> None:
    session = opened(api, payment_intent_data={"metadata": {"order_id": "7"}, "description": "Front row"})
    back = send(session.url)
    assert (back.status_code, back.headers["location"]) == (303, success_of(session))
    paid = api.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent"]})
    intent = paid.payment_intent
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (intent.status, intent.amount_received, intent.currency) == ("succeeded", 1999, "usd")
    assert (intent.metadata.to_dict(), intent.description) == ({"order_id": "7"}, "Front row")
    assert "status of `complete`" in str(refused(lambda: api.checkout.sessions.expire(session.id)))
    (row,) = [one for one in ledger(sandbox) if one["checkout_session"] == session.id]
    assert (row["payment_intent"], row["captured"], row["refunded"]) == (intent.id, 1999, 0)
    assert row["metadata"] == {"order_id": "7"}
    api.refunds.create({"payment_intent": intent.id, "amount": 500})
    (row,) = [one for one in ledger(sandbox) if one["checkout_session"] == session.id]
    assert (row["captured"], row["refunded"]) == (1999, 500)


def ledger(sandbox: Sandbox) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = sandbox.raw("GET", "/v1/sandbox/ledger").json()["data"]
    return rows


def test_a_typed_number_counts_instead_of_the_choice(api: Any) -> None:
    session = opened(api)
    wrong = send(session.url, number="4242 4242 4242 4241")
    assert wrong.status_code == 400
    assert "Your card number is incorrect." in wrong.text
    assert api.checkout.sessions.retrieve(session.id).payment_intent is None
    assert send(session.url, number="5555 5555 5555 4444").headers["location"] == success_of(session)


def test_a_declined_card_says_why_and_another_one_pays(api: Any) -> None:
    session = opened(api)
    again = send(session.url, card="visa_chargeDeclinedInsufficientFunds")
    assert (again.status_code, again.headers["location"]) == (303, f"/c/pay/{session.id}")
    page = httpx.get(session.url)
    assert "Your card has insufficient funds." in page.text
    tried = api.checkout.sessions.retrieve(session.id)
    intent = api.payment_intents.retrieve(tried.payment_intent)
    assert (tried.status, tried.payment_status, intent.status) == ("open", "unpaid", "requires_payment_method")
    assert send(session.url).headers["location"] == success_of(session)
    assert api.checkout.sessions.retrieve(session.id).payment_intent == intent.id
    charges = api.charges.list({"payment_intent": intent.id}).data
    assert [one.status for one in charges] == ["succeeded", "failed"]


def test_the_decline_button_declines(api: Any) -> None:
    session = opened(api)
    send(session.url, action="decline")
    assert "Your card was declined." in httpx.get(session.url).text
    assert api.checkout.sessions.retrieve(session.id).status == "open"


@pytest.mark.parametrize("outcome", ["complete", "fail"])
def test_the_buyers_bank_asks_and_the_buyer_comes_back(api: Any, outcome: str) -> None:
    session = opened(api)
    asked_by_bank = send(session.url, action="authenticate")
    challenge = asked_by_bank.headers["location"]
    assert "/sandbox/authenticate/" in challenge
    back = httpx.post(challenge, data={"outcome": outcome}, follow_redirects=False)
    returned = httpx.get(back.headers["location"])
    status = api.checkout.sessions.retrieve(session.id).status
    if outcome == "complete":
        assert (returned.headers["location"], status) == (success_of(session), "complete")
    else:
        assert (returned.headers["location"], status) == (f"/c/pay/{session.id}", "open")
        assert "failed authentication" in httpx.get(session.url).text


def test_a_double_click_pays_once(api: Any) -> None:
    for action in ("pay", "decline", "authenticate"):
        session = opened(api)
        data = {**Form(httpx.get(session.url).text).fields(), "action": action}
        with ThreadPoolExecutor(4) as pool:
            answers = list(pool.map(lambda _, url=session.url, data=data: httpx.post(url, data=data), range(4)))
        assert len({one.headers["location"] for one in answers}) == 1
        intent = api.checkout.sessions.retrieve(session.id).payment_intent
        charges = api.charges.list({"payment_intent": intent}).data
        assert len(charges) == (0 if action == "authenticate" else 1)


def test_an_intent_of_checkout_obeys_its_session_alone(api: Any) -> None:
    session = opened(api)
    send(session.url, action="decline")
    intent_id = api.checkout.sessions.retrieve(session.id).payment_intent
    card = {"payment_method": "pm_card_visa"}
    for act in (
        partial(api.payment_intents.cancel, intent_id),
        partial(api.payment_intents.confirm, intent_id, card),
    ):
        assert "created by Checkout" in str(refused(act))
    api.checkout.sessions.expire(session.id)
    intent = api.payment_intents.retrieve(intent_id)
    assert (intent.status, intent.cancellation_reason) == ("canceled", "expired")


def test_expiring_ends_a_challenge_under_way(api: Any) -> None:
    session = opened(api)
    challenge = send(session.url, action="authenticate").headers["location"]
    api.checkout.sessions.expire(session.id)
    assert httpx.post(challenge, data={"outcome": "complete"}).status_code == 410
    expired = api.checkout.sessions.retrieve(session.id)
    assert (expired.status, api.payment_intents.retrieve(expired.payment_intent).amount_received) == ("expired", 0)


def test_an_expired_session_says_so_kindly_and_takes_no_money(api: Any) -> None:
    session = opened(api)
    form = Form(httpx.get(session.url).text).fields()
    api.checkout.sessions.expire(session.id)
    sent = httpx.post(session.url, data={**form, "action": "pay"})
    assert (sent.status_code, sent.headers["location"]) == (303, f"/c/pay/{session.id}")
    page = httpx.get(session.url)
    assert page.status_code == 410
    assert "This checkout has expired, and no payment was taken." in page.text
    assert 'href="https://shop.test/orders/7"' in page.text
    assert api.checkout.sessions.retrieve(session.id).payment_intent is None


def test_a_paid_session_says_so_and_leads_on(api: Any) -> None:
    session = opened(api)
    send(session.url)
    page = httpx.get(session.url)
    assert page.status_code == 200
    assert "Already paid" in page.text
    assert f'href="{success_of(session)}"' in page.text
    assert httpx.post(session.url, data={"action": "pay", "card": "visa"}).headers["location"] == success_of(session)


@pytest.mark.parametrize(
    "data", [{"action": "nonsense"}, {"action": "pay", "card": "gold"}, {"x": "y" * 9000}, {"card": "visa"}]
)
def test_a_form_that_says_nothing_pays_nothing(api: Any, data: dict[str, str]) -> None:
    session = opened(api)
    assert httpx.post(session.url, data=data).status_code == 400
    assert api.checkout.sessions.retrieve(session.id).payment_intent is None


def test_the_page_can_be_used_by_everyone(api: Any) -> None:
    session = opened(api, line_items=[line(1999, "<b>Front & centre</b>", 2)])
    send(session.url, action="decline")
    answer = httpx.get(session.url)
    page = Form(answer.text)
    # Label and language, landmarks, one heading
    assert LABEL in answer.text
    assert [one["lang"] for one in page.all("html")] == ["en"]
    assert [len(page.all(tag)) for tag in ("header", "main", "h1")] == [1, 1, 1]
    # Every control that is seen has a label, and the choices a legend
    labelled = {one["for"] for one in page.all("label")}
    controls = [one for one in page.all("input") if one.get("type") != "hidden"]
    assert {one["id"] for one in controls} == labelled
    assert len(page.all("fieldset")) == len(page.all("legend")) == 1
    assert [one["value"] for one in page.all("button")] == ["pay", "decline", "authenticate"]
    # What failed is read first; no script; what the shop wrote stays text
    assert 'role="alert" tabindex="-1" autofocus' in answer.text
    assert page.all("script") == []
    assert "&lt;b&gt;Front &amp; centre&lt;/b&gt;" in answer.text
    assert "$39.98" in answer.text
    assert answer.headers["cache-control"] == "no-store"


def test_a_session_without_a_way_back_shows_none(api: Any) -> None:
    given = asked()
    del given["cancel_url"]
    assert "Back to the shop" not in httpx.get(api.checkout.sessions.create(given).url).text
    assert "Back to the shop" in httpx.get(opened(api).url).text


def test_sessions_outlive_the_process(tmp_path: Path) -> None:
    own = Sandbox(tmp_path / "sandbox.sqlite3")
    try:
        session = opened(own.client().v1)
        own.end()
        own.start()
        assert send(session.url).headers["location"] == success_of(session)
    finally:
        own.end()
