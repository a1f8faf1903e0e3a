"""The payments service's task: does the next step of an attempt at Stripe and says what came of it.

Every step can be repeated. Keys are order id + attempt + step; an outcome that is not known is settled by
retrieving the object, never by guessing. Stripe replays a stored failure for as long as it keeps its key: so once the
object shows that nothing was done, that key is spent and the next one is numbered. Cancelling needs no key, an intent
can be cancelled once only. Source: https://docs.stripe.com/api/idempotent_requests
"""

from collections import Counter
from types import SimpleNamespace
from typing import Any

import stripe

from actors.config import Config
from actors.contract import (
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    NextAction,
    RefundFailed,
    RefundSucceeded,
    StripeAnswer,
)
from actors.payment import Attempt, Payment, step

CURRENCY = "usd"


class NotYet(Exception):
    """Stripe has no answer yet: ask again later."""


def stripe_client(config: Config) -> stripe.StripeClient:
    """The official client; time-outs are short because every step can be repeated."""
    return stripe.StripeClient(
        config.stripe_key,
        base_addresses={"api": config.stripe_api_base} if config.stripe_api_base else {},
        http_client=stripe.HTTPXClient(timeout=20),
        max_network_retries=1,
    )


class StripeTask:
    """Works on payments that are due."""

    def __init__(self, client: stripe.StripeClient) -> None:
        """Talk to Stripe through `client`."""
        self._stripe = client.v1
        self._spent: Counter[str] = Counter()
        """How many keys of a step were answered with a failure of Stripe's own that left nothing behind."""

    async def __call__(self, state: Payment) -> StripeAnswer:
        """Do the next step.

        Raises:
            NotYet: Stripe has no answer yet.
            stripe.StripeError: Stripe could not be asked.
        """
        attempt = state.attempt
        assert attempt is not None, "only attempts have steps"
        match step(state):
            case "open":
                return await self._open(state, attempt)
            case "confirm":
                return await self._confirm(state, attempt)
            case "watch":
                return read(attempt, await self._retrieve(attempt))
            case "cancel":
                return await self._cancel(attempt)
            case "refund":
                return await self._refund(state, attempt)
        raise NotYet("there is nothing to do at Stripe")

    async def _open(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Create the intent unconfirmed, so that its id is committed before it can take money."""
        key = key_of(state, attempt, "open")
        try:
            intent = await self._stripe.payment_intents.create_async(
                {
                    "amount": attempt.amount,
                    "currency": CURRENCY,
                    # card payments only, and none that would need a page of ours to come back to
                    "automatic_payment_methods": {"enabled": True, "allow_redirects": "never"},
                    "metadata": {"order_id": str(state.id), "attempt": str(attempt.number)},
                },
                self._options(key),
            )
        except stripe.InvalidRequestError as refused:  # less than Stripe's smallest amount, for one
            return refusal(attempt, refused)
        except stripe.APIError:
            self._spent[key] += 1  # an intent it may have left is nobody's: unconfirmed, it takes no money
            raise
        self._spent.pop(key, None)
        return IntentOpened(attempt=attempt.number, stripe_id=intent.id)

    async def _confirm(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Take the money. What Stripe's error leaves open, the intent itself tells."""
        try:
            intent = await self._stripe.payment_intents.confirm_async(
                id_of(attempt), confirmation(attempt), self._options(key_of(state, attempt, "confirm"))
            )
        except stripe.CardError as declined:
            return decline(attempt, declined)
        except stripe.InvalidRequestError as refused:
            settled = await self._retrieve(attempt)
            if settled.status not in ("requires_payment_method", "requires_confirmation"):
                return read(attempt, settled)
            return refusal(attempt, refused)
        except stripe.APIError:
            return await self._after_doubtful_confirm(attempt)
        if intent.status == "processing":  # perhaps the replay of an answer that is old by now
            intent = await self._retrieve(attempt)
        return read(attempt, intent)

    async def _after_doubtful_confirm(self, attempt: Attempt) -> StripeAnswer:
        """Stripe failed inside: where the intent shows no trace of it, give this attempt up rather than guess."""
        intent = await self._retrieve(attempt)
        if intent.status == "requires_confirmation" or (
            intent.status == "requires_payment_method" and not intent.last_payment_error
        ):
            reason = "The payment could not be processed; no money was taken"
            return IntentDeclined(attempt=attempt.number, code="processing_error", reason=reason)
        return read(attempt, intent)

    async def _cancel(self, attempt: Attempt) -> StripeAnswer:
        """End the intent; if Stripe says it has the money already, that is the answer."""
        intent = await self._retrieve(attempt)
        if intent.status not in ("succeeded", "canceled"):
            try:
                intent = await self._stripe.payment_intents.cancel_async(id_of(attempt))
            except stripe.StripeError:
                intent = await self._retrieve(attempt)
        match intent.status:
            case "succeeded":
                return IntentSucceeded(attempt=attempt.number, amount=intent.amount_received)
            case "canceled":
                return IntentCancelled(attempt=attempt.number)
        raise NotYet(f"the intent is {intent.status}, neither cancelled nor paid")

    async def _refund(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Give all of it back, once: a refund that Stripe already has is the refund."""
        refund = await self._find_refund(attempt) or await self._create_refund(state, attempt)
        match refund.status:
            case "succeeded":
                return RefundSucceeded(attempt=attempt.number, refund=attempt.refunds)
            case "failed" | "canceled":
                why = getattr(refund, "failure_reason", None) or "no reason given"
                return refund_failed(attempt, f"The refund failed at the bank: {why}")
            case "refused":
                return refund_failed(attempt, f"Stripe refused the refund: {refund.failure_reason}")
        raise NotYet(f"the refund is {refund.status}")

    async def _find_refund(self, attempt: Attempt) -> Any:  # noqa: ANN401  a Refund or None
        """The present refund, or an earlier one that did not fail."""
        found = await self._stripe.refunds.list_async({"payment_intent": id_of(attempt), "limit": 100})
        for refund in found.data:
            number = refund.metadata.to_dict().get("refund") if refund.metadata else None
            is_present = number == str(attempt.refunds)
            if is_present or refund.status not in ("failed", "canceled"):
                return refund
        return None

    async def _create_refund(self, state: Payment, attempt: Attempt) -> Any:  # noqa: ANN401  a Refund, or a refusal
        key = key_of(state, attempt, f"refund:{attempt.refunds}")
        metadata = {"order_id": str(state.id), "refund": str(attempt.refunds)}
        try:
            refund = await self._stripe.refunds.create_async(
                {"payment_intent": id_of(attempt), "metadata": metadata}, self._options(key)
            )
        except stripe.InvalidRequestError as refused:
            return SimpleNamespace(status="refused", failure_reason=refused.user_message)
        except stripe.APIError:
            if await self._find_refund(attempt) is None:
                self._spent[key] += 1
            raise
        self._spent.pop(key, None)
        return refund

    def _options(self, key: str) -> stripe.RequestOptions:
        """The idempotency key, numbered where earlier ones are spent."""
        spent = self._spent[key]
        return {"idempotency_key": f"{key}:{spent + 1}" if spent else key}

    async def _retrieve(self, attempt: Attempt) -> stripe.PaymentIntent:
        return await self._stripe.payment_intents.retrieve_async(id_of(attempt))


def read(attempt: Attempt, intent: stripe.PaymentIntent) -> StripeAnswer:
    """What an intent's present state says of the attempt.

    Raises:
        NotYet: nothing that moves it on.
    """
    match intent.status:
        case "succeeded":
            return IntentSucceeded(attempt=attempt.number, amount=intent.amount_received)
        case "canceled":
            return IntentCancelled(attempt=attempt.number)
        case "requires_action" if attempt.phase == "confirming":
            return IntentNeedsAction(attempt=attempt.number, next_action=next_action(intent))
        case "requires_payment_method" if intent.last_payment_error:
            error = intent.last_payment_error
            code = getattr(error, "decline_code", None) or getattr(error, "code", None) or "card_declined"
            reason = getattr(error, "message", None) or "The card was declined"
            return IntentDeclined(attempt=attempt.number, code=code, reason=reason)
    raise NotYet(f"the intent is {intent.status}")


def decline(attempt: Attempt, error: stripe.CardError) -> IntentDeclined:
    """A declined card, in Stripe's code and words."""
    details = error.error
    code = (details and details.decline_code) or error.code or "card_declined"
    return IntentDeclined(attempt=attempt.number, code=code, reason=error.user_message or "The card was declined")


def refusal(attempt: Attempt, error: stripe.InvalidRequestError) -> IntentDeclined:
    """What Stripe will not even try: the amount or the payment method is none it can use."""
    code = error.code or "invalid_payment"
    return IntentDeclined(attempt=attempt.number, code=code, reason=error.user_message or "Stripe refused the payment")


def refund_failed(attempt: Attempt, reason: str) -> RefundFailed:
    """Why the present refund of an attempt came to nothing."""
    return RefundFailed(attempt=attempt.number, refund=attempt.refunds, reason=reason)


def next_action(intent: stripe.PaymentIntent) -> NextAction:
    """What the buyer must do, in our words: go to `url`, or let Stripe.js do it with the client secret."""
    action = intent.next_action.to_dict() if intent.next_action else {}
    kind = str(action.get("type", "unknown"))
    details = action.get(kind) or {}
    return NextAction(kind=kind, url=details.get("url") or details.get("stripe_js"), client_secret=intent.client_secret)


def confirmation(attempt: Attempt) -> Any:  # noqa: ANN401  the SDK's own parameter type is nested deeply
    """What to pay with."""
    if attempt.method.payment_method:
        return {"payment_method": attempt.method.payment_method}
    return {"payment_method_data": {"type": "card", "card": {"token": attempt.method.token}}}


def key_of(state: Payment, attempt: Attempt, name: str) -> str:
    """The idempotency key of a step: order id + attempt + step."""
    return f"{state.id}:{attempt.number}:{name}"


def id_of(attempt: Attempt) -> str:
    """The intent's id."""
    assert attempt.stripe_id is not None, "an intent that was opened has an id"
    return attempt.stripe_id
