"""Why issuers refuse, with Stripe's codes and words (https://docs.stripe.com/declines/codes)."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Decline:
    """One refusal."""

    code: str
    """The error code (https://docs.stripe.com/error-codes)."""

    decline_code: str
    """The issuer's reason."""

    message: str
    """What a buyer may read."""

    param: str | None = None
    """The field of the card that is at fault."""


_DECLINED = "Your card was declined."

GENERIC = Decline("card_declined", "generic_decline", _DECLINED)
INSUFFICIENT_FUNDS = Decline("card_declined", "insufficient_funds", "Your card has insufficient funds.")
# Lost and stolen read like any refusal, so that a thief learns nothing.
LOST_CARD = Decline("card_declined", "lost_card", _DECLINED)
STOLEN_CARD = Decline("card_declined", "stolen_card", _DECLINED)
FRAUDULENT = Decline("card_declined", "fraudulent", _DECLINED)
VELOCITY = Decline(
    "card_declined",
    "card_velocity_exceeded",
    "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
)
EXPIRED = Decline("expired_card", "expired_card", "Your card has expired.", "exp_month")
INCORRECT_CVC = Decline("incorrect_cvc", "incorrect_cvc", "Your card's security code is incorrect.", "cvc")
PROCESSING_ERROR = Decline(
    "processing_error",
    "processing_error",
    "An error occurred while processing your card. Try again in a little bit.",
)
AUTHENTICATION_REQUIRED = Decline(
    "authentication_required",
    "authentication_required",
    "Your card was declined. This transaction requires authentication.",
)
