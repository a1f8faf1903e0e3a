"""The Stripe sandbox as a client sees it: its own process, driven by the official SDK and by httpx."""

import asyncio
import re
import select
import signal
import socket
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
import stripe

KEY = "sk_test_box_office"
START_S = 20.0
ROOT = Path(__file__).parents[2]
# The SDK hands its body to httpx in a way that httpx would rather not see any more.
pytestmark = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")

CARD_ONLY = {"enabled": True, "allow_redirects": "never"}
PAY = {"amount": 1000, "currency": "usd", "confirm": True, "automatic_payment_methods": CARD_ONLY}


class Sandbox:
    """One sandbox process on a free port, and clients for it."""

    def __init__(self, data: Path) -> None:
        self.data = data
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.http = httpx.Client(base_url=self.url, timeout=START_S)
        self.process = self.start()

    def start(self) -> "subprocess.Popen[str]":
        command = [
            sys.executable,
            "-m",
            "cluster.sandbox",
            "--port",
            str(self.port),
            "--data",
            str(self.data),
        ]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        readable, _, _ = select.select([self.process.stdout], [], [], START_S)
        assert readable, f"no start line from the sandbox within {START_S} s"
        self.line = self.process.stdout.readline()
        return self.process

    def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        status = self.process.wait(timeout=START_S)
        assert self.process.stdout is not None
        self.process.stdout.close()
        return status

    def client(self, key: str = KEY, **given: Any) -> stripe.StripeClient:
        http = stripe.HTTPXClient(allow_sync_methods=True)
        return stripe.StripeClient(
            key, base_addresses={"api": self.url}, http_client=http, max_network_retries=0, **given
        )

    def raw(self, method: str, path: str, **given: Any) -> httpx.Response:
        given.setdefault("headers", {})
        given["headers"].setdefault("Authorization", f"Bearer {KEY}")
        return self.http.request(method, path, **given)


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path_factory.mktemp("sandbox") / "sandbox.sqlite3")
    yield running
    running.end()


@pytest.fixture
def own_sandbox(tmp_path: Path) -> Iterator[Sandbox]:
    running = Sandbox(tmp_path / "sandbox.sqlite3")
    yield running
    if running.process.poll() is None:
        running.end()


@pytest.fixture
def api(sandbox: Sandbox) -> Any:
    return sandbox.client().v1


def pay(api: Any, method: str = "pm_card_visa", **given: Any) -> Any:
    return api.payment_intents.create({**PAY, "payment_method": method, **given})


def declined(act: Callable[[], Any]) -> Any:
    with pytest.raises(stripe.CardError) as error:
        act()
    assert error.value.http_status == 402
    return error.value


def refused(act: Callable[[], Any], status: int = 400) -> stripe.InvalidRequestError:
    with pytest.raises(stripe.InvalidRequestError) as error:
        act()
    assert error.value.http_status == status
    return error.value


# Paying


def test_a_payment_has_the_fields_and_types_of_stripe(api: Any) -> None:
    intent = pay(api, metadata={"order_id": "7", "odd key": "ä&=[]"}, description="Front row")
    assert re.fullmatch(r"pi_\w{24}", intent.id)
    assert intent.client_secret.startswith(f"{intent.id}_secret_")
    assert (intent.object, intent.status, intent.livemode) == ("payment_intent", "succeeded", False)
    assert (intent.amount, intent.amount_received, intent.amount_capturable) == (1000, 1000, 0)
    assert intent.metadata.to_dict() == {"order_id": "7", "odd key": "ä&=[]"}
    assert intent.latest_charge.startswith("ch_")
    assert intent.last_payment_error is None
    assert abs(intent.created - time.time()) < 60
    assert intent.canceled_at is None


async def test_the_async_client_pays_too(sandbox: Sandbox) -> None:
    client = stripe.StripeClient(KEY, base_addresses={"api": sandbox.url}, http_client=stripe.HTTPXClient())
    intent = await client.v1.payment_intents.create_async({"amount": 2500, "currency": "usd"})
    assert intent.status == "requires_payment_method"
    data: Any = {
        "payment_method_data": {"type": "card", "card": {"token": "tok_visa"}},
        "return_url": "https://shop.test/back",
    }
    paid = await client.v1.payment_intents.confirm_async(intent.id, data)
    found = await client.v1.payment_intents.retrieve_async(intent.id)
    assert (paid.status, found.status, found.amount_received) == ("succeeded", "succeeded", 2500)


def test_a_test_id_makes_a_payment_method_of_its_own(api: Any) -> None:
    first, second = pay(api), pay(api)
    assert first.payment_method.startswith("pm_")
    assert first.payment_method != second.payment_method
    assert api.payment_methods.retrieve(first.payment_method).card.last4 == "4242"


@pytest.mark.parametrize(
    ("card", "brand", "last4"),
    [
        ({"token": "tok_visa"}, "visa", "4242"),
        ({"token": "tok_mastercard"}, "mastercard", "4444"),
        ({"number": "4000 0025 0000 3155", "exp_month": 1, "exp_year": 2090, "cvc": "123"}, "visa", "3155"),
    ],
)
def test_payment_methods_come_from_tokens_and_numbers(api: Any, card: Any, brand: str, last4: str) -> None:
    method = api.payment_methods.create({"type": "card", "card": card})
    assert (method.card.brand, method.card.last4, method.livemode) == (brand, last4, False)


DECLINES = [
    ("visa_chargeDeclined", "card_declined", "generic_decline"),
    ("chargeDeclined", "card_declined", "generic_decline"),
    ("visa_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds"),
    ("visa_chargeDeclinedLostCard", "card_declined", "lost_card"),
    ("visa_chargeDeclinedStolenCard", "card_declined", "stolen_card"),
    ("chargeDeclinedExpiredCard", "expired_card", "expired_card"),
    ("chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc"),
    ("chargeDeclinedProcessingError", "processing_error", "processing_error"),
]


@pytest.mark.parametrize("as_token", [False, True])
@pytest.mark.parametrize(("name", "code", "decline_code"), DECLINES)
def test_declines_say_why(api: Any, name: str, code: str, decline_code: str, as_token: bool) -> None:
    method: Any = {"payment_method": f"pm_card_{name}"}
    if as_token:
        method = {"payment_method_data": {"type": "card", "card": {"token": f"tok_{name}"}}}
    error: Any = declined(lambda: api.payment_intents.create({**PAY, **method})).error
    assert (error.type, error.code, error.decline_code) == ("card_error", code, decline_code)
    intent = api.payment_intents.retrieve(error.payment_intent.id)
    assert (intent.status, intent.payment_method) == ("requires_payment_method", None)
    assert (intent.last_payment_error.code, intent.last_payment_error.charge) == (code, error.charge)
    charge = api.charges.retrieve(error.charge)
    assert (charge.status, charge.paid, charge.failure_code) == ("failed", False, code)


def test_another_card_pays_after_a_decline(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY})
    declined(lambda: api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa_chargeDeclined"}))
    paid = api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})
    assert (paid.status, paid.last_payment_error) == ("succeeded", None)
    charges = api.charges.list({"payment_intent": intent.id}).data
    assert [charge.status for charge in charges] == ["succeeded", "failed"]


def test_an_intent_waits_for_its_confirmation(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd", "automatic_payment_methods": CARD_ONLY})
    updated = api.payment_intents.update(intent.id, {"payment_method": "pm_card_visa", "metadata": {"a": "1"}})
    assert (updated.status, updated.metadata["a"]) == ("requires_confirmation", "1")
    assert api.payment_intents.update(intent.id, {"metadata": {"a": ""}}).metadata.to_dict() == {}
    assert api.payment_intents.confirm(intent.id).status == "succeeded"
    assert refused(lambda: api.payment_intents.confirm(intent.id)).code == "payment_intent_unexpected_state"


def test_confirming_needs_a_method_and_a_way_back(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd"})
    assert refused(lambda: api.payment_intents.confirm(intent.id)).code == "payment_intent_unexpected_state"
    error = refused(lambda: api.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"}))
    assert "return_url" in str(error)
    assert api.payment_intents.retrieve(intent.id).status == "requires_payment_method"


def test_canceling_ends_what_is_not_paid(api: Any) -> None:
    intent = api.payment_intents.create({"amount": 1000, "currency": "usd"})
    ended = api.payment_intents.cancel(intent.id, {"cancellation_reason": "abandoned"})
    assert (ended.status, ended.cancellation_reason) == ("canceled", "abandoned")
    assert ended.canceled_at
    for over in (intent, pay(api)):
        error: Any = refused(partial(api.payment_intents.cancel, over.id))
        assert error.code == "payment_intent_unexpected_state"
        assert error.error.payment_intent.id == over.id


def test_manual_capture_holds_first(api: Any) -> None:
    held = pay(api, capture_method="manual")
    assert (held.status, held.amount_capturable, held.amount_received) == ("requires_capture", 1000, 0)
    taken = api.payment_intents.capture(held.id, {"amount_to_capture": 700})
    assert (taken.status, taken.amount_received) == ("succeeded", 700)
    assert refused(lambda: api.refunds.create({"payment_intent": held.id, "amount": 701})).param == "amount"


def test_expanding_puts_objects_in_place_of_ids(api: Any) -> None:
    intent = pay(api, expand=["latest_charge", "payment_method"])
    assert (intent.latest_charge.object, intent.payment_method.object) == ("charge", "payment_method")
    found = api.payment_intents.list({"limit": 1, "expand": ["data.latest_charge"]}).data[0]
    assert found.latest_charge.id == intent.latest_charge.id
    assert "cannot be expanded" in str(refused(lambda: api.payment_intents.retrieve(intent.id, {"expand": ["x"]})))


def test_lists_are_newest_first_and_page(api: Any) -> None:
    made = [pay(api).id for _ in range(5)]
    paged = [one.id for one, _ in zip(api.payment_intents.list({"limit": 2}).auto_paging_iter(), made, strict=False)]
    assert paged == made[::-1]
    assert api.payment_intents.list({"created": {"gte": int(time.time()) + 999}}).data == []
    recent = {"created": {"gte": int(time.time()) - 999}, "limit": 100}
    assert set(made) <= {one.id for one in api.payment_intents.list(recent).data}


# Refunds


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


# 3-D Secure


def challenged(api: Any, method: str = "pm_card_threeDSecure2Required", **given: Any) -> tuple[Any, str]:
    intent = pay(api, method, return_url="https://shop.test/back?order=7", **given)
    assert (intent.status, intent.next_action.type) == ("requires_action", "redirect_to_url")
    assert intent.next_action.redirect_to_url.return_url == "https://shop.test/back?order=7"
    return intent, intent.next_action.redirect_to_url.url


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


# Idempotency keys


def keyed(key: str) -> Any:
    return {"idempotency_key": key}


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


# Its own restart


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
        form = {"payment_method": "pm_card_visa", "payment_method_types[]": "card", "metadata[n]": str(number)}
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


# Strangers and garbage


@pytest.mark.parametrize("key", ["sk_live_1234567890abcdef", "pk_test_1", "nonsense"])
def test_a_wrong_key_opens_nothing(sandbox: Sandbox, key: str) -> None:
    with pytest.raises(stripe.AuthenticationError) as error:
        sandbox.client(key).v1.payment_intents.list()
    assert error.value.http_status == 401
    assert error.value.request_id is not None
    assert "1234567890" not in str(error.value)


def test_no_key_opens_nothing_and_basic_does(sandbox: Sandbox) -> None:
    assert sandbox.raw("GET", "/v1/payment_intents", headers={"Authorization": ""}).status_code == 401
    assert httpx.get(f"{sandbox.url}/v1/payment_intents", auth=(KEY, "")).status_code == 200
    assert httpx.get(f"{sandbox.url}/v1/nothing").status_code == 401


@pytest.mark.parametrize(
    "given",
    [
        {"content": b"\xff\xfe\x00"},
        {"json": {"amount": 1000, "currency": "usd"}},
        {"content": b"a" * 70_000},
        {"content": b"amount=1000&currency[a]=usd"},
        {"content": b"amount[]=1&currency=usd"},
        {"content": b""},
        {"content": b"amount=1000&currency=usd&expand=latest_charge"},
        {"content": b"amount=1000&currency=xxx"},
    ],
)
def test_garbage_gets_an_error_in_stripes_shape(sandbox: Sandbox, given: dict[str, Any]) -> None:
    answer = sandbox.raw("POST", "/v1/payment_intents", **given)
    assert answer.status_code == 400
    assert answer.headers["request-id"].startswith("req_")
    error = answer.json()["error"]
    assert error["type"] == "invalid_request_error"
    assert error["message"]


@pytest.mark.parametrize(
    ("given", "code", "param"),
    [
        ({"amount": 1000, "currency": "usd", "surprise": 1}, "parameter_unknown", "surprise"),
        ({"amount": "ten", "currency": "usd"}, "parameter_invalid_integer", "amount"),
        ({"currency": "usd"}, "parameter_missing", "amount"),
        ({"amount": 10, "currency": "usd"}, "amount_too_small", "amount"),
        ({**PAY, "payment_method": "pm_card_nothing"}, "resource_missing", "payment_method"),
        ({"amount": 1000, "currency": "usd", "return_url": "https://shop.test"}, None, "return_url"),
    ],
)
def test_wrong_parameters_are_refused_by_name(api: Any, given: Any, code: str | None, param: str) -> None:
    error = refused(lambda: api.payment_intents.create(given))
    assert (error.code, error.param) == (code, param)


@pytest.mark.parametrize("family", ["payment_intents", "charges", "refunds", "payment_methods"])
def test_what_is_not_there_is_404(api: Any, family: str) -> None:
    assert refused(lambda: getattr(api, family).retrieve("xx_no"), 404).code == "resource_missing"


def test_unknown_addresses_are_404_in_stripes_shape(sandbox: Sandbox) -> None:
    for method, path in (
        ("GET", "/v1/nothing"),
        ("DELETE", "/v1/payment_intents/pi_1"),
        ("POST", "/v1/charges"),
    ):
        answer = sandbox.raw(method, path)
        assert (answer.status_code, answer.json()["error"]["type"]) == (404, "invalid_request_error")


# What people see


def test_the_list_of_payments_says_sandbox_and_escapes(sandbox: Sandbox) -> None:
    pay(sandbox.client().v1, metadata={"title": "<script>alert(1)</script>"})
    page = httpx.get(sandbox.url)
    assert page.status_code == 200
    assert "sandbox" in page.text.lower()
    assert "&lt;script&gt;" in page.text
    assert "<script" not in page.text


def test_the_ledger_adds_up(own_sandbox: Sandbox) -> None:
    api: Any = own_sandbox.client().v1
    paid = pay(api, metadata={"order_id": "7"})
    api.refunds.create({"payment_intent": paid.id, "amount": 300})
    late = pay(api, "pm_card_pendingRefund")
    api.refunds.create({"payment_intent": late.id})
    ledger = own_sandbox.raw("GET", "/v1/sandbox/ledger").json()
    rows = {row["payment_intent"]: row for row in ledger["data"]}
    assert (ledger["captured"], ledger["refunded"], ledger["livemode"]) == (2000, 300, False)
    assert (rows[paid.id]["refunded"], rows[paid.id]["metadata"]) == (300, {"order_id": "7"})
    assert (rows[late.id]["refunded"], rows[late.id]["refund_pending"]) == (0, 1000)
