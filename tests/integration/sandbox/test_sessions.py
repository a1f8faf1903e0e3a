"""Checkout sessions by the API."""

import re
import time
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.hosted_page import asked, line, opened, send
from tests.integration.sandbox.process import Sandbox
from tests.integration.sandbox.steps import keyed, refused

HALF_HOUR_S, DAY_S = 30 * 60, 24 * 60 * 60


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
