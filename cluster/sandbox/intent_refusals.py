"""Which status allows which action, and Stripe's words where it does not.

The codes: https://docs.stripe.com/error-codes.
"""

from cluster.sandbox.errors import RefusedError
from cluster.sandbox.shapes import Json

UPDATABLE = ("requires_payment_method", "requires_confirmation", "requires_action")
CANCELABLE = (
    "requires_payment_method",
    "requires_capture",
    "requires_confirmation",
    "requires_action",
    "processing",
)
NO_METHOD = (
    "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the "
    "PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a "
    "payment method or ConfirmationToken."
)


def unexpected_state(intent: Json, message: str) -> RefusedError:
    """Return the refusal of an action that an intent's status does not allow; it carries the intent."""
    return RefusedError(message, code="payment_intent_unexpected_state", details={"payment_intent": intent})


def check_attachable(intent: Json) -> None:
    """RefusedError when it is too late for another payment method."""
    if intent["status"] not in UPDATABLE:
        raise unexpected_state(
            intent,
            "This PaymentIntent's payment_method could not be updated because it has a status of "
            f"{intent['status']}. You may only update the payment_method of a PaymentIntent with one of the "
            f"following statuses: {', '.join(UPDATABLE)}.",
        )


def check_confirmable(intent: Json, return_url: str | None) -> None:
    """RefusedError when an intent is over, has no payment method, or may need a missing `return_url`."""
    if intent["status"] == "succeeded":
        raise unexpected_state(
            intent,
            "You cannot confirm this PaymentIntent because it has already succeeded after being previously confirmed.",
        )
    if intent["status"] not in UPDATABLE:
        raise unexpected_state(
            intent,
            f"You cannot confirm this PaymentIntent because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be confirmed: requires_confirmation, "
            "requires_action.",
        )
    if intent["payment_method"] is None:
        raise unexpected_state(intent, NO_METHOD)
    _check_way_back(intent, return_url)


def check_cancelable(intent: Json) -> None:
    """RefusedError when an intent was paid or is over."""
    if intent["status"] not in CANCELABLE:
        raise unexpected_state(
            intent,
            f"You cannot cancel this PaymentIntent because it has a status of {intent['status']}. Only a "
            f"PaymentIntent with one of the following statuses may be canceled: {', '.join(CANCELABLE)}.",
        )


def check_capturable(intent: Json, amount: int) -> None:
    """RefusedError when no money is held, or less than `amount` cents."""
    if intent["status"] != "requires_capture":
        raise unexpected_state(
            intent,
            f"This PaymentIntent could not be captured because it has a status of {intent['status']}. Only a "
            "PaymentIntent with one of the following statuses may be captured: requires_capture.",
        )
    if amount > intent["amount_capturable"]:
        raise RefusedError(
            "The requested capture amount is greater than the amount you can capture for this charge.",
            code="amount_too_large",
            param="amount_to_capture",
        )


def check_authenticatable(intent: Json) -> None:
    """RefusedError unless the intent waits for 3-D Secure."""
    if intent["status"] != "requires_action":
        raise unexpected_state(
            intent, f"This PaymentIntent has a status of {intent['status']}: nothing to authenticate."
        )


def _check_way_back(intent: Json, return_url: str | None) -> None:
    automatic = intent["automatic_payment_methods"]
    if return_url is None and automatic and automatic["allow_redirects"] == "always":
        # Real Stripe refuses this too; a client that gets by without would break on its first day.
        raise RefusedError(
            "This PaymentIntent is configured to accept payment methods enabled in your Dashboard. Because "
            "some of these payment methods might redirect your customer off of your page, you must provide a "
            "`return_url`. If you don't want to accept redirect-based payment methods, set "
            "`automatic_payment_methods[enabled]` to `true` and `automatic_payment_methods[allow_redirects]` "
            "to `never` when creating Setup Intents and Payment Intents."
        )
