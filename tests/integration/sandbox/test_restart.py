"""Its own end and restart: what was answered stays so."""

import signal
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.integration.sandbox.process import START_S, Sandbox
from tests.integration.sandbox.steps import PAY, challenged, declined, keyed, pay


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_state_outlives_the_process(own_sandbox: Sandbox, number: signal.Signals) -> None:
    # Given a payment, a decline and a challenge under keys
    api: Any = own_sandbox.client().v1
    paid = api.payment_intents.create({**PAY, "payment_method": "pm_card_visa"}, keyed("paid"))
    error = declined(lambda: pay(api, "pm_card_visa_chargeDeclined", metadata={"n": "1"}))
    _, url = challenged(api)
    # When the process ends without a word
    status = own_sandbox.end(number)
    assert status == (-signal.SIGKILL if number == signal.SIGKILL else 0)
    own_sandbox.start()
    # Then everything is as it was, the keys included
    again = api.payment_intents.create({**PAY, "payment_method": "pm_card_visa"}, keyed("paid"))
    assert again.id == paid.id
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert api.charges.retrieve(error.error.charge).status == "failed"
    assert httpx.post(url, data={"outcome": "complete"}).status_code == 303
    ledger = own_sandbox.raw("GET", "/v1/sandbox/ledger").json()
    assert (ledger["captured"], ledger["refunded"], len(ledger["data"])) == (2000, 0, 3)


def test_kill_in_the_middle_of_a_crowd_tears_nothing(own_sandbox: Sandbox) -> None:
    # Given clients that pay without end, each payment under a key of its own
    answered = threading.Semaphore(0)

    def buy(number: int) -> bool:
        form = {"payment_method": "pm_card_visa", "allowed_payment_method_types[]": "card", "metadata[n]": str(number)}
        form |= {"amount": "700", "currency": "usd", "confirm": "true"}
        key = {"Idempotency-Key": str(number)}
        try:
            return own_sandbox.raw("POST", "/v1/payment_intents", data=form, headers=key).status_code == 200
        except httpx.TransportError:
            return False

    def buy_until_it_dies(client: int) -> list[int]:
        tried = []
        for number in range(client * 1000, client * 1000 + 1000):
            tried.append(number)
            if not buy(number):
                return tried
            answered.release()
        pytest.fail("the sandbox was never killed")

    # When it is killed after twenty payments, and every client repeats all its requests
    with ThreadPoolExecutor(4) as pool:
        clients = [pool.submit(buy_until_it_dies, client) for client in range(4)]
        for paid in range(20):
            assert answered.acquire(timeout=START_S), f"only {paid} of 20 payments within {START_S} s"
        own_sandbox.end(signal.SIGKILL)
        tried = [number for client in clients for number in client.result()]
    own_sandbox.start()
    assert all(buy(number) for number in tried)
    # Then each paid exactly once
    rows = own_sandbox.raw("GET", "/v1/sandbox/ledger").json()["data"]
    assert sorted(int(row["metadata"]["n"]) for row in rows) == tried
    assert {row["captured"] for row in rows} == {700}


def test_it_ends_even_when_told_at_once(own_sandbox: Sandbox) -> None:
    assert own_sandbox.end(signal.SIGTERM) == 0


def test_the_start_line_names_the_sandbox_and_sigint_ends_it(own_sandbox: Sandbox) -> None:
    assert own_sandbox.line.rstrip() == f"Stripe sandbox (no real money) listens on {own_sandbox.url}"
    assert own_sandbox.raw("GET", "/health").status_code == 200
    assert own_sandbox.end(signal.SIGINT) == 0
