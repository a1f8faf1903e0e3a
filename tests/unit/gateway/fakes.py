"""A Stripe that answers from a script, in the SDK's own types, and the attempts that are worked on."""

from collections import defaultdict, deque
from datetime import UTC, datetime
from typing import Any

import stripe
from msgspec.structs import replace

from actors.contract import Checkout, Id, PaymentMethod
from actors.payment_state import Attempt, Payment
from actors.runtime.envelope import ACKNOWLEDGED

NOON = datetime(2030, 6, 1, 12, 0, tzinfo=UTC)
ORDER = Id("000000000000000000000001")
PRICE = 1999
CARD = PaymentMethod(payment_method="pm_card_visa")
TOKEN = PaymentMethod(token="tok_visa")
PAGE = PaymentMethod(checkout=Checkout(success_url="https://box.example/paid", cancel_url="https://box.example/back"))
METADATA = {"order_id": str(ORDER), "attempt": "1"}

ATTEMPT = Attempt(
    number=1, payment_id=Id("0000000000000000000000f1"), amount=PRICE, title="Front row", method=CARD, since=NOON
)
OPENING = Payment(id=ORDER, version=1, status="open", attempt=ATTEMPT)
CONFIRMING = replace(ATTEMPT, phase="confirming", stripe_id="pi_1")
ACTING = replace(CONFIRMING, phase="acting")
CANCELLING = replace(CONFIRMING, phase="cancelling", code="card_declined", reason="No")
REFUNDING = replace(CONFIRMING, phase="refunding", refunds=1)
ON_THE_PAGE = replace(ATTEMPT, method=PAGE, phase="acting", stripe_id="cs_1")


def with_attempt(attempt: Attempt) -> Payment:
    return replace(OPENING, attempt=attempt)


# --- What Stripe holds --------------------------------------------------------------------------------------------


def intent(status: str, **fields: Any) -> stripe.PaymentIntent:
    whole = {
        "id": "pi_1",
        "object": "payment_intent",
        "status": status,
        "amount": PRICE,
        "amount_received": PRICE if status == "succeeded" else 0,
        "client_secret": "pi_1_secret",
        "last_payment_error": None,
        "latest_charge": None,
        "next_action": None,
        "metadata": METADATA,
    }
    return stripe.PaymentIntent.construct_from(whole | fields, "sk_test")


def declined_intent(**error: Any) -> stripe.PaymentIntent:
    said = {"type": "card_error", "code": "card_declined", "decline_code": "expired_card", "message": "Expired."}
    return intent("requires_payment_method", last_payment_error=said | error)


def session(status: str, payment_status: str = "unpaid", **fields: Any) -> stripe.checkout.Session:
    whole = {
        "id": "cs_1",
        "object": "checkout.session",
        "status": status,
        "payment_status": payment_status,
        "amount_total": PRICE,
        "payment_intent": "pi_1" if status == "complete" else None,
        "url": "https://pay.example/cs_1" if status == "open" else None,
        "metadata": METADATA,
    }
    return stripe.checkout.Session.construct_from(whole | fields, "sk_test")


def refund(status: str, number: int | None = 1, amount: int = PRICE, **fields: Any) -> stripe.Refund:
    """A refund; one without a number was made by hand."""
    whole = {
        "id": "re_1",
        "object": "refund",
        "status": status,
        "amount": amount,
        "metadata": {"refund": str(number)} if number else {},
    }
    return stripe.Refund.construct_from(whole | fields, "sk_test")


def charge(refunded: int = 0) -> dict[str, Any]:
    """A charge as an intent holds it: Stripe counts a refund into it as soon as that is asked for."""
    return {"id": "ch_1", "object": "charge", "amount_refunded": refunded, "refunded": refunded >= PRICE}


class Pages(stripe.ListObject[Any]):
    """A list that Stripe gives out in pages."""

    def more(self, *pages: "Pages") -> "Pages":
        object.__setattr__(self, "_pages", pages)
        return self

    async def next_page_async(self, **_: Any) -> "Pages":
        following, *rest = self._pages or (listed(),)
        return following.more(*rest)


def listed(*pages: list[Any]) -> Pages:
    """What a list request answers."""
    made = [
        Pages.construct_from(
            {"object": "list", "url": "/v1/things", "has_more": number < len(pages), "data": things}, "sk_test"
        )
        for number, things in enumerate(pages or ([],), 1)
    ]
    return made[0].more(*made[1:])


# --- What may go wrong --------------------------------------------------------------------------------------------

CARD_DECLINED = stripe.CardError(
    "Your card has insufficient funds.",
    "",
    "card_declined",
    http_status=402,
    json_body={
        "error": {
            "type": "card_error",
            "code": "card_declined",
            "decline_code": "insufficient_funds",
            "message": "Your card has insufficient funds.",
        }
    },
)
REFUSED = stripe.InvalidRequestError(
    "No such payment method",
    "payment_method",
    code="resource_missing",
    http_status=400,
    json_body={"error": {"message": "No such payment method", "code": "resource_missing"}},
)
FAILED_INSIDE = stripe.APIError("Something went wrong", http_status=500)
KEY_IN_USE = stripe.APIError("There is another request with this key", http_status=409)
LOST = stripe.APIConnectionError("The answer is lost")
TOO_MANY = stripe.RateLimitError("Too many requests", http_status=429)
WRONG_KEY = stripe.AuthenticationError("Invalid API key", http_status=401)
NOT_ALLOWED = stripe.PermissionError("This key may not", http_status=403)
OTHER_REQUEST = stripe.IdempotencyError("This key belongs to another request", http_status=400)

TRY_AGAIN = [LOST, TOO_MANY, WRONG_KEY, NOT_ALLOWED, OTHER_REQUEST]
"""What says nothing of the payment, and leaves the key as it is."""


def named(error: Any) -> str:
    return type(error).__name__


# --- The client ---------------------------------------------------------------------------------------------------


class FakeStripe:
    """`stripe.StripeClient`, as far as it is told what to answer. Nothing is answered that was not scripted."""

    def __init__(self, **script: Any) -> None:
        self.v1 = Resource(self, ())
        self.calls: list[tuple[Any, ...]] = []
        self._held: dict[str, Any] = {}
        self._script: dict[str, deque[Any]] = defaultdict(deque)
        for name, answers in script.items():
            self._script[name].extend(answers if isinstance(answers, list) else [answers])

    def holds(self, objects: list[Any]) -> "FakeStripe":
        """Answers requests for these by their ids, as often as they come."""
        self._held.update({each.id: each for each in objects})
        return self

    async def answer(self, name: str, *args: Any) -> Any:
        self.calls.append((name, *args))
        if name.endswith("_retrieve") and args[0] in self._held:
            return self._held[args[0]]
        assert self._script[name], f"nobody expected {name}{args}"
        answer = self._script[name].popleft()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def asked(self) -> list[str]:
        """The names of the calls so far."""
        return [name for name, *_ in self.calls]

    def keys(self, name: str) -> list[str]:
        """The idempotency keys of the calls of this name."""
        return [args[-1]["idempotency_key"] for each, *args in self.calls if each == name]

    def is_done(self) -> bool:
        """Whether all that was scripted was asked for."""
        return not any(self._script.values())


class Resource:
    """`client.v1.checkout.sessions` and its like; its calls are scripted as `checkout_sessions_create`."""

    def __init__(self, stripe: FakeStripe, path: tuple[str, ...]) -> None:
        self._stripe = stripe
        self._path = path

    def __getattr__(self, name: str) -> Any:
        if not name.endswith("_async"):
            return Resource(self._stripe, (*self._path, name))
        called = "_".join((*self._path, name.removesuffix("_async")))
        return lambda *args: self._stripe.answer(called, *args)


class Noon:
    """A clock that stands still, until it is moved."""

    def __init__(self):
        self.time = NOON

    def now(self):
        return self.time


class Caller:
    """Notes what is said to whom."""

    def __init__(self, reply=ACKNOWLEDGED):
        self.said = []
        self._reply = reply

    async def ask(self, to, message, op):
        self.said.append((to, message, op))
        return self._reply
