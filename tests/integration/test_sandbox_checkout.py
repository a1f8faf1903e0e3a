"""Stripe Checkout in the sandbox: the API by the official SDK, the hosted page as a browser without scripts sees it."""

import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html.parser import HTMLParser
from typing import Any

import httpx
import pytest

from tests.integration.test_sandbox import Sandbox, keyed, refused

HALF_HOUR_S, DAY_S = 30 * 60, 24 * 60 * 60
LABEL = "Stripe sandbox - no real money"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("checkout") / "sandbox.sqlite3")
    yield running
    running.end()


@pytest.fixture
def api(sandbox: Sandbox) -> Any:
    return sandbox.client().v1


def line(cents: int = 1999, name: str = "Front row", quantity: int = 1) -> dict[str, Any]:
    price = {"currency": "usd", "product_data": {"name": name}, "unit_amount": cents}
    return {"price_data": price, "quantity": quantity}


def asked(**given: Any) -> dict[str, Any]:
    return {
        "mode": "payment",
        "line_items": [line()],
        "success_url": "https://shop.test/thanks?session={CHECKOUT_SESSION_ID}",
        "cancel_url": "https://shop.test/orders/7",
        **given,
    }


def opened(api: Any, **given: Any) -> Any:
    return api.checkout.sessions.create(asked(**given))


class Form(HTMLParser):
    """What a page's form would send, and what it tells assistive software."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]

    def fields(self) -> dict[str, str]:
        return {
            str(one["name"]): str(one.get("value", ""))
            for one in self.all("input")
            if one.get("type") != "radio" or "checked" in one
        }


def send(url: str, **choice: str) -> httpx.Response:
    """Fill in the form as it is now, and send it."""
    return httpx.post(url, data={**Form(httpx.get(url).text).fields(), "action": "pay", **choice})


def success_of(session: Any) -> str:
    return f"https://shop.test/thanks?session={session.id}"


# The API


def test_an_open_session_has_what_was_asked_for_and_no_intent(sandbox: Sandbox, api: Any) -> None:
    session = opened(
        api,
        line_items=[line(1999, "A", 2), line(1, "B")],
        client_reference_id="order-7",
        metadata={"order_id": "7"},
        customer_email="a@b.test",
    )
    assert re.fullmatch(r"cs_test_\w{24}", session.id)
    assert (session.status, session.payment_status, session.mode) == ("open", "unpaid", "payment")
    assert (session.amount_subtotal, session.amount_total, session.currency) == (3999, 3999, "usd")
    assert session.payment_intent is None
    assert session.url == f"{sandbox.url}/c/pay/{session.id}"
    assert session.metadata.to_dict() == {"order_id": "7"}
    assert (session.client_reference_id, session.customer_email) == ("order-7", "a@b.test")
    assert session.expires_at == session.created + DAY_S
    assert api.checkout.sessions.retrieve(session.id).to_dict() == session.to_dict()


def test_a_session_under_a_key_is_opened_once(api: Any) -> None:
    first, again = (api.checkout.sessions.create(asked(), keyed("session")) for _ in "12")
    assert first.id == again.id


@pytest.mark.parametrize("life_s", [HALF_HOUR_S + 60, DAY_S - 60])
def test_a_session_may_expire_within_stripes_bounds(api: Any, life_s: int) -> None:
    moment = int(time.time()) + life_s
    assert opened(api, expires_at=moment).expires_at == moment


@pytest.mark.parametrize(
    ("life_s", "words"), [(HALF_HOUR_S - 60, "at least 30 minutes"), (DAY_S + 60, "less than 24 hours"), (-60, "30")]
)
def test_a_session_may_not_expire_sooner_or_later(api: Any, life_s: int, words: str) -> None:
    error = refused(lambda: opened(api, expires_at=int(time.time()) + life_s))
    assert error.param == "expires_at"
    assert words in str(error)


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"mode": "subscription"}, None, "mode"),
        ({"line_items": []}, "parameter_missing", "line_items"),
        ({"line_items": [line(10)]}, "amount_too_small", None),
        ({"line_items": [line(99_999_999, quantity=2)]}, "amount_too_large", None),
        ({"line_items": [{"quantity": 1}]}, "parameter_missing", "line_items[0][price_data]"),
        ({"success_url": "nowhere"}, "url_invalid", "success_url"),
        ({"success_url": "javascript://alert"}, "url_invalid", "success_url"),
        ({"client_reference_id": "x" * 201}, None, "client_reference_id"),
        ({"surprise": "1"}, "parameter_unknown", "surprise"),
    ],
)
def test_what_stripe_would_not_open_is_refused(api: Any, given: Any, code: str | None, param: str | None) -> None:
    error = refused(lambda: opened(api, **given))
    assert (error.code, error.param) == (code, param)


def test_prices_share_one_currency(api: Any) -> None:
    other = line()
    other["price_data"]["currency"] = "eur"
    assert "same currency" in str(refused(lambda: opened(api, line_items=[line(), other])))


def test_sessions_are_listed_and_found_by_their_intent(api: Any) -> None:
    paid, other = opened(api), opened(api)
    send(paid.url)
    intent = api.checkout.sessions.retrieve(paid.id).payment_intent
    assert [one.id for one in api.checkout.sessions.list({"payment_intent": intent}).data] == [paid.id]
    assert [one.id for one in api.checkout.sessions.list({"limit": 2}).data] == [other.id, paid.id]
    assert [one.id for one in api.checkout.sessions.list({"ending_before": paid.id}).data][-1] == other.id


def test_an_expired_session_stays_expired(api: Any) -> None:
    session = opened(api)
    ended = api.checkout.sessions.expire(session.id)
    assert (ended.status, ended.payment_status, ended.url) == ("expired", "unpaid", None)
    error = refused(lambda: api.checkout.sessions.expire(session.id))
    assert 'status in ["open"]' in str(error)
    assert "status of `expired`" in str(error)


def test_an_unknown_session_is_404(sandbox: Sandbox, api: Any) -> None:
    error = refused(lambda: api.checkout.sessions.retrieve("cs_test_no"), 404)
    assert (error.code, error.param) == ("resource_missing", "session")
    assert refused(lambda: api.checkout.sessions.expire("cs_test_no"), 404).code == "resource_missing"
    assert httpx.get(f"{sandbox.url}/c/pay/cs_test_no").status_code == 404


# The hosted page


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


def test_sessions_outlive_the_process(tmp_path: Any) -> None:
    own = Sandbox(tmp_path / "sandbox.sqlite3")
    try:
        session = opened(own.client().v1)
        own.end()
        own.start()
        assert send(session.url).headers["location"] == success_of(session)
    finally:
        own.end()
