"""Payment intents: opened unconfirmed, confirmed, watched, cancelled (https://docs.stripe.com/api/payment_intents)."""

from typing import TYPE_CHECKING, Any

import stripe

from actors.contract import NextAction
from actors.gateway.client import CURRENCY, Keys, NotYet, id_of, is_under_way, metadata_of
from actors.payment_answers import (
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    StripeAnswer,
)
from actors.payment_state import Attempt, Payment

if TYPE_CHECKING:
    from stripe.params import PaymentIntentConfirmParams

NOTHING_TAKEN = "The payment could not be processed; no money was taken"
DECLINED = "The card was declined"
REFUSED = "Stripe refused the payment"
"""Why an attempt took no money, where Stripe does not say it in words."""

SECRET = frozenset({"fraudulent", "lost_card", "merchant_blacklist", "stolen_card"})
"""Codes that Stripe asks to pass on as `generic_decline`. Source: https://docs.stripe.com/declines/codes"""


class Intents:
    """The intents of attempts that are paid with a token or a payment method."""

    def __init__(self, client: stripe.V1Services, keys: Keys) -> None:
        """Ask through `client`."""
        self._intents = client.payment_intents
        self._keys = keys

    async def open(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Create the intent unconfirmed, so that its id is committed before it can take money."""
        # Where Stripe itself fails, the key is spent: an intent it may have left is nobody's, it takes no money.
        with self._keys.held(state, attempt, "open") as key:
            intent = await self._intents.create_async(
                {
                    "amount": attempt.amount,
                    "currency": CURRENCY,
                    "allowed_payment_method_types": ["card"],  # others may take days to say whether they paid
                    "metadata": metadata_of(state, attempt),
                },
                key,
            )
        return IntentOpened(attempt=attempt.number, stripe_id=intent.id)

    async def confirm(self, state: Payment, attempt: Attempt) -> StripeAnswer:
        """Take the money. What Stripe's error leaves open, the intent itself tells."""
        try:
            intent = await self._intents.confirm_async(
                id_of(attempt), confirmation(attempt), self._keys.of(state, attempt, "confirm")
            )
        except stripe.CardError as declined:
            return decline(attempt, declined)
        except stripe.InvalidRequestError as refused:
            settled = await self._retrieve(attempt)
            if settled.status not in ("requires_payment_method", "requires_confirmation"):
                return self._read(attempt, settled)
            return refusal(attempt, refused)
        except stripe.APIError as error:
            if is_under_way(error):
                raise
            return await self._after_doubtful_confirm(attempt)
        if intent.status == "processing":  # perhaps the replay of an answer that is old by now
            intent = await self._retrieve(attempt)
        return self._read(attempt, intent)

    async def _after_doubtful_confirm(self, attempt: Attempt) -> StripeAnswer:
        """Stripe failed inside: where the intent shows no trace of it, give this attempt up rather than guess."""
        intent = await self._retrieve(attempt)
        if intent.status == "requires_confirmation" or (
            intent.status == "requires_payment_method" and not intent.last_payment_error
        ):
            return IntentDeclined(attempt=attempt.number, code="processing_error", reason=NOTHING_TAKEN)
        return self._read(attempt, intent)

    async def look(self, attempt: Attempt) -> StripeAnswer:
        """What has become of it.

        Raises:
            NotYet: nothing that moves it on.
        """
        return self._read(attempt, await self._retrieve(attempt))

    async def close(self, attempt: Attempt) -> StripeAnswer:
        """End the intent; if Stripe says it has the money already, that is the answer.

        No key: an intent can be cancelled once only, and a stored refusal would be replayed for a day.

        Raises:
            NotYet: the bank is at it.
            stripe.StripeError: Stripe could not be asked, or will not end it.
        """
        intent = await self._retrieve(attempt)
        if intent.status not in ("succeeded", "canceled"):
            try:
                intent = await self._intents.cancel_async(id_of(attempt))
            except stripe.StripeError:
                intent = await self._retrieve(attempt)
                if intent.status not in ("succeeded", "canceled", "processing"):
                    raise
        if intent.status in ("succeeded", "canceled"):
            return read_intent(attempt.number, intent)
        raise NotYet(f"the intent is {intent.status}, neither cancelled nor paid")

    def _read(self, attempt: Attempt, intent: Any) -> StripeAnswer:  # noqa: ANN401  a stripe.PaymentIntent
        if intent.status == "requires_action" and attempt.phase == "confirming":
            return IntentNeedsAction(attempt=attempt.number, next_action=next_action(intent))
        return read_intent(attempt.number, intent)

    async def _retrieve(self, attempt: Attempt) -> Any:  # noqa: ANN401  a stripe.PaymentIntent
        return await self._intents.retrieve_async(id_of(attempt))


def read_intent(attempt: int, intent: Any) -> StripeAnswer:  # noqa: ANN401  a stripe.PaymentIntent
    """What an intent's present state says of the attempt with this number.

    Raises:
        NotYet: nothing that moves it on.
    """
    match intent.status:
        case "succeeded":
            return IntentSucceeded(attempt=attempt, stripe_id=intent.id, amount=intent.amount_received)
        case "canceled":
            return IntentCancelled(attempt=attempt, stripe_id=intent.id)
        case "requires_payment_method" if intent.last_payment_error:
            error = intent.last_payment_error
            code = told(getattr(error, "decline_code", None) or getattr(error, "code", None))
            reason = getattr(error, "message", None) or DECLINED
            return IntentDeclined(attempt=attempt, code=code, reason=reason, stripe_id=intent.id)
    raise NotYet(f"the intent is {intent.status}")


def decline(attempt: Attempt, error: stripe.CardError) -> IntentDeclined:
    """A declined card, in Stripe's code and words."""
    details = error.error
    code = told((details and details.decline_code) or error.code)
    return IntentDeclined(attempt=attempt.number, code=code, reason=error.user_message or DECLINED)


def told(code: str | None) -> str:
    """What a buyer is told of Stripe's code: who tries stolen cards is not to learn which are known to be stolen."""
    return "generic_decline" if code in SECRET else code or "card_declined"


def refusal(attempt: Attempt, error: stripe.InvalidRequestError) -> IntentDeclined:
    """What Stripe will not even try: the amount or the payment method is none it can use."""
    code = error.code or "invalid_payment"
    return IntentDeclined(attempt=attempt.number, code=code, reason=error.user_message or REFUSED)


def next_action(intent: Any) -> NextAction:  # noqa: ANN401  a stripe.PaymentIntent
    """What the buyer must do, in our words: go to `url`, or let Stripe.js do it with the client secret.

    What is in `stripe_js` is for Stripe.js, and Stripe changes it at will: an address in one version, for a captcha an
    object with its vendor's name (https://docs.stripe.com/api/payment_intents/object#payment_intent_object-next_action).
    """
    action = intent.next_action.to_dict() if intent.next_action else {}
    kind = str(action.get("type", "unknown"))
    details = action.get(kind) or {}
    addresses = [each for each in (details.get("url"), details.get("stripe_js")) if isinstance(each, str)]
    return NextAction(kind=kind, url=next(iter(addresses), None), client_secret=intent.client_secret)


def confirmation(attempt: Attempt) -> "PaymentIntentConfirmParams":
    """What to pay with."""
    if attempt.method.payment_method:
        return {"payment_method": attempt.method.payment_method}
    # Stripe takes tokens here, though its SDK's types do not say so.
    data: Any = {"type": "card", "card": {"token": attempt.method.token}}
    return {"payment_method_data": data}
