"""What Stripe answers: results and errors, kept so that they can be said again (a stored 500 too).

Source: https://docs.stripe.com/api/idempotent_requests and https://docs.stripe.com/api/errors
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import stripe

Outcome = Callable[[], Any]
"""Gives what Stripe answered, or raises it."""

DECLINED = {"code": "card_declined", "decline_code": "generic_decline", "message": "Your card was declined."}
"""Why a card was declined."""

AT_THE_BANK = {"type": "use_stripe_sdk", "use_stripe_sdk": {}}
"""Where the buyer proves himself."""


def capture(effect: Outcome) -> Outcome:
    """What `effect` gives or raises, to be said as often as wanted."""
    try:
        result = effect()
    except stripe.StripeError as error:
        return partial(raise_again, error)
    return lambda: result


def raise_again(error: stripe.StripeError) -> None:
    """The same error, without the history of earlier raises."""
    raise error.with_traceback(None)


def refusal(code: str) -> stripe.InvalidRequestError:
    """Stripe's 400."""
    return stripe.InvalidRequestError(f"refused: {code}", None, code=code)


def decline() -> stripe.CardError:
    """Stripe's 402."""
    return stripe.CardError(DECLINED["message"], "", DECLINED["code"], json_body={"error": DECLINED})


def busy_key() -> stripe.APIError:
    """Stripe's 409: a request with this key is still being served."""
    return stripe.APIError("simulated: idempotency_key_in_use", http_status=409, code="idempotency_key_in_use")


def too_many() -> stripe.RateLimitError:
    """Stripe's 429."""
    return stripe.RateLimitError("simulated: too many requests")


def broken() -> stripe.APIError:
    """Stripe's 500."""
    return stripe.APIError("simulated: an error inside Stripe")


def unreachable(why: str) -> stripe.APIConnectionError:
    """The line failed."""
    return stripe.APIConnectionError(f"simulated: {why}")


def describe(outcome: Outcome) -> str:
    """An outcome for the diary."""
    try:
        result = outcome()
    except stripe.StripeError as error:
        return f"{type(error).__name__}: {error}"
    return f"{result.get('id', '')} {result.get('status', '')}" if isinstance(result, dict) else f"{len(result)} found"
