"""Idempotency keys."""

import asyncio
import sqlite3
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from typing import Any

import httpx
import pytest
import stripe

from tests.integration.sandbox.process import KEY, START_S, Sandbox
from tests.integration.sandbox.steps import CARD_ONLY, declined, keyed, refused


def test_a_key_gives_the_same_answer_and_says_so(api: Any) -> None:
    first = api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("same"))
    again = api.payment_intents.create({"currency": "usd", "amount": 700}, keyed("same"))
    assert again.id == first.id
    assert "Idempotent-Replayed" not in first.last_response.headers
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert again.last_response.headers["Original-Request"] == first.last_response.headers["Request-Id"]


def test_a_key_repeats_a_decline_without_another_charge(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY})
    card = {"payment_method": "pm_card_visa_chargeDeclined"}
    first, again = (declined(lambda: api.payment_intents.confirm(intent.id, card, keyed("declined"))) for _ in "12")
    assert first.json_body == again.json_body
    assert again.headers["idempotent-replayed"] == "true"
    assert len(api.charges.list({"payment_intent": intent.id}).data) == 1


def test_a_key_repeats_a_refusal_after_the_state_changed(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY})
    refused(lambda: api.payment_intents.confirm(intent.id, {}, keyed("early")))
    api.payment_intents.update(intent.id, {"payment_method": "pm_card_visa"})
    refused(lambda: api.payment_intents.confirm(intent.id, {}, keyed("early")))
    assert api.payment_intents.confirm(intent.id, {}, keyed("later")).status == "succeeded"


def test_a_key_is_for_one_request_only(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("once"))
    for other in (
        lambda: api.payment_intents.create({"amount": 701, "currency": "usd"}, keyed("once")),
        lambda: api.payment_intents.cancel(intent.id, {}, keyed("once")),
    ):
        with pytest.raises(stripe.IdempotencyError) as error:
            other()
        assert error.value.http_status == 400
    assert api.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_a_bad_parameter_does_not_use_the_key_up(api: Any) -> None:
    refused(lambda: api.payment_intents.create({"amount": "x", "currency": "usd"}, keyed("typo")))
    assert api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("typo")).amount == 700


def test_a_key_has_at_most_255_characters(api: Any) -> None:
    refused(lambda: api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("k" * 256)))
    assert api.payment_intents.create({"amount": 700, "currency": "usd"}, keyed("k" * 255)).id


def test_a_twin_under_way_is_a_conflict(sandbox: Sandbox) -> None:
    # Given a file that another process holds, so that the first request cannot finish
    holder = sqlite3.connect(sandbox.data, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    def send() -> httpx.Response:
        return sandbox.raw(
            "POST",
            "/v1/payment_intents",
            data={"amount": "700", "currency": "usd"},
            headers={"Idempotency-Key": "twins"},
        )

    # When two requests come with one key
    with ThreadPoolExecutor(2) as pool:
        both = [pool.submit(send), pool.submit(send)]
        done, _ = wait(both, timeout=START_S, return_when=FIRST_COMPLETED)
        assert len(done) == 1, f"no conflict within {START_S} s"
        conflict = done.pop().result()
        holder.execute("ROLLBACK")
        (other,) = [one.result() for one in both if one.result() is not conflict]
    holder.close()
    # Then one is refused at once, the other answered, and a third gets that answer
    assert (conflict.status_code, conflict.json()["error"]["code"]) == (409, "idempotency_key_in_use")
    assert (other.status_code, send().json()["id"]) == (200, other.json()["id"])


async def test_a_crowd_with_one_key_makes_one_payment(sandbox: Sandbox) -> None:
    async with httpx.AsyncClient(base_url=sandbox.url, headers={"Authorization": f"Bearer {KEY}"}) as http:
        form = {"amount": "700", "currency": "usd", "metadata[crowd]": "yes"}
        answers = await asyncio.gather(
            *(http.post("/v1/payment_intents", data=form, headers={"Idempotency-Key": "crowd"}) for _ in range(20))
        )
    assert {one.status_code for one in answers} <= {200, 409}
    assert len({one.json()["id"] for one in answers if one.status_code == 200}) == 1
    rows = sandbox.raw("GET", "/v1/sandbox/ledger").json()["data"]
    assert len([row for row in rows if row["metadata"].get("crowd")]) == 1
