"""3-D Secure: the buyer's bank wants to see the buyer."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx

from tests.integration.sandbox.steps import challenged, declined, pay


def test_a_buyer_who_proves_who_they_are_pays(api: Any) -> None:
    intent, url = challenged(api, "pm_card_authenticationRequired")
    page = httpx.get(url)
    assert page.status_code == 200
    assert "sandbox" in page.text
    assert '<html lang="en">' in page.text
    back = httpx.post(url, data={"outcome": "complete"})
    assert back.status_code == 303
    query = parse_qs(urlsplit(back.headers["location"]).query)
    assert back.headers["location"].startswith("https://shop.test/back?order=7&")
    assert (query["payment_intent"], query["redirect_status"]) == ([intent.id], ["succeeded"])
    paid = api.payment_intents.retrieve(intent.id)
    assert (paid.status, paid.amount_received, paid.next_action) == ("succeeded", 1000, None)
    assert (httpx.get(url).status_code, httpx.post(url, data={"outcome": "fail"}).status_code) == (410, 410)


def test_a_buyer_who_fails_may_try_another_card(api: Any) -> None:
    intent, url = challenged(api)
    assert httpx.post(url, data={"outcome": "neither"}).status_code == 400
    httpx.post(url, data={"outcome": "fail"})
    failed = api.payment_intents.retrieve(intent.id)
    assert (failed.status, failed.latest_charge) == ("requires_payment_method", None)
    assert failed.last_payment_error.code == "payment_intent_authentication_failure"
    assert api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}).status == "succeeded"


def test_only_the_newest_challenge_counts(api: Any) -> None:
    intent, old = challenged(api)
    again = api.payment_intents.confirm(intent.id, {"return_url": "https://shop.test/"})
    assert httpx.post(old, data={"outcome": "complete"}).status_code == 410
    api.payment_intents.cancel(intent.id)
    assert httpx.post(again.next_action.redirect_to_url.url, data={"outcome": "complete"}).status_code == 410
    assert api.payment_intents.retrieve(intent.id).status == "canceled"


def test_authentication_without_a_way_back_or_a_person(api: Any) -> None:
    intent = pay(api, "pm_card_threeDSecure2Required")
    assert intent.next_action.type == "use_stripe_sdk"
    done = httpx.post(intent.next_action.use_stripe_sdk["stripe_js"], data={"outcome": "complete"})
    assert done.status_code == 200
    assert "succeeded" in done.text
    assert declined(lambda: pay(api, "pm_card_authenticationRequired", off_session=True)).code == (
        "authentication_required"
    )
