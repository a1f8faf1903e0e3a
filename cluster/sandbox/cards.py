"""Stripe's test cards: what each number, `pm_card_…` and `tok_…` does (https://docs.stripe.com/testing)."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from cluster.sandbox import declines
from cluster.sandbox.declines import Decline


@dataclass(frozen=True)
class Card:
    """One test card and how it behaves."""

    name: str
    """What follows `pm_card_` and `tok_`."""

    number: str
    """The card number."""

    brand: str = "visa"
    funding: Literal["credit", "debit", "prepaid"] = "credit"

    decline: Decline | None = None
    """Why its charges fail; None when they succeed."""

    authenticate: bool = False
    """Whether 3-D Secure must come first."""

    refund: Literal["succeeded", "failed", "pending"] = "succeeded"
    """How refunds end: `failed` ones had succeeded at first, `pending` ones succeed late."""

    @property
    def fingerprint(self) -> str:
        """Identify the number without telling it: how a stored PaymentMethod finds its card again."""
        return hashlib.sha256(f"{self.name}:{self.number}".encode()).hexdigest()[:16]


CARDS = (
    Card("visa", "4242424242424242"),
    Card("visa_debit", "4000056655665556", funding="debit"),
    Card("mastercard", "5555555555554444", "mastercard"),
    Card("mastercard_debit", "5200828282828210", "mastercard", "debit"),
    Card("mastercard_prepaid", "5105105105105100", "mastercard", "prepaid"),
    Card("amex", "378282246310005", "amex"),
    Card("discover", "6011111111111117", "discover"),
    Card("diners", "3056930009020004", "diners"),
    Card("jcb", "3566002020360505", "jcb"),
    Card("unionpay", "6200000000000005", "unionpay"),
    Card("visa_chargeDeclined", "4000000000000002", decline=declines.GENERIC),
    Card("visa_chargeDeclinedInsufficientFunds", "4000000000009995", decline=declines.INSUFFICIENT_FUNDS),
    Card("visa_chargeDeclinedLostCard", "4000000000009987", decline=declines.LOST_CARD),
    Card("visa_chargeDeclinedStolenCard", "4000000000009979", decline=declines.STOLEN_CARD),
    Card("visa_chargeDeclinedVelocityLimitExceeded", "4000000000006975", decline=declines.VELOCITY),
    Card("chargeDeclinedExpiredCard", "4000000000000069", decline=declines.EXPIRED),
    Card("chargeDeclinedIncorrectCvc", "4000000000000127", decline=declines.INCORRECT_CVC),
    Card("chargeDeclinedProcessingError", "4000000000000119", decline=declines.PROCESSING_ERROR),
    Card("chargeCustomerFail", "4000000000000341", decline=declines.GENERIC),
    Card("radarBlock", "4100000000000019", decline=declines.FRAUDULENT),
    Card("authenticationRequired", "4000002760003184", authenticate=True),
    Card("authenticationRequiredOnSetup", "4000002500003155", authenticate=True),
    Card("threeDSecureRequired", "4000000000003063", authenticate=True),
    Card("threeDSecure2Required", "4000000000003220", authenticate=True),
    Card("threeDSecureOptional", "4000000000003055"),
    Card("threeDSecureRequiredChargeDeclined", "4000008400001629", decline=declines.GENERIC, authenticate=True),
    Card(
        "threeDSecureRequiredProcessingError",
        "4000008400001280",
        decline=declines.PROCESSING_ERROR,
        authenticate=True,
    ),
    Card(
        "authenticationRequiredChargeDeclinedInsufficientFunds",
        "4000008260003178",
        decline=declines.INSUFFICIENT_FUNDS,
        authenticate=True,
    ),
    Card("refundFail", "4000000000005126", refund="failed"),
    Card("pendingRefund", "4000000000007726", refund="pending"),
)

# Older names that Stripe still takes.
_ALIASES = {
    "us": "visa",
    "chargeDeclined": "visa_chargeDeclined",
    "chargeDeclinedInsufficientFunds": "visa_chargeDeclinedInsufficientFunds",
    "chargeDeclinedLostCard": "visa_chargeDeclinedLostCard",
    "chargeDeclinedStolenCard": "visa_chargeDeclinedStolenCard",
    "chargeDeclinedFraudulent": "radarBlock",
    "amex_threeDSecureNotSupported": "amex",
}
_BY_NAME = {card.name: card for card in CARDS}
_BY_NUMBER = {card.number: card for card in CARDS}
_BY_FINGERPRINT = {card.fingerprint: card for card in CARDS}


def by_id(prefix: Literal["pm_card_", "tok_"], object_id: str) -> Card | None:
    """Return the card behind a test id such as `pm_card_visa` or `tok_visa`; None when there is none."""
    name = object_id.removeprefix(prefix) if object_id.startswith(prefix) else ""
    return _BY_NAME.get(_ALIASES.get(name, name))


def by_number(number: str) -> Card | None:
    """Return the test card with this number; None for any other number."""
    return _BY_NUMBER.get(number)


def by_fingerprint(fingerprint: str) -> Card:
    """Return the card of a stored PaymentMethod; KeyError when no card of ours has this mark."""
    return _BY_FINGERPRINT[fingerprint]
