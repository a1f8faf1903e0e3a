"""A fresh PaymentIntent with every field that Stripe documents, and the rules for amount and currency."""

from cluster.sandbox.errors import RefusedError
from cluster.sandbox.shapes import Json

AMOUNT_MAX = 99_999_999
# https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts, in the smallest unit of each.
AMOUNT_MIN = {
    "usd": 50,
    "eur": 50,
    "gbp": 30,
    "cad": 50,
    "aud": 50,
    "chf": 50,
    "sek": 300,
    "nok": 300,
    "dkk": 250,
    "jpy": 50,
    "nzd": 50,
    "sgd": 50,
    "pln": 200,
}
_ZERO_DECIMAL = ("jpy",)

_NEVER_SET = (
    "application",
    "application_fee_amount",
    "customer",
    "customer_account",
    "on_behalf_of",
    "payment_method_configuration_details",
    "processing",
    "review",
    "setup_future_usage",
    "shipping",
    "source",
    "transfer_data",
    "excluded_payment_method_types",
    "presentment_details",
)
_AS_GIVEN = (
    "allowed_payment_method_types",
    "description",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
    "transfer_group",
)


def new(intent_id: str, secret: str, now: int, given: Json) -> Json:
    """Return an unconfirmed intent; RefusedError for an amount or currency that Stripe would not take.

    `now` is in epoch seconds, amounts are in cents (or the currency's smallest unit).
    """
    currency = given["currency"].lower()
    _check_amount(given["amount"], currency)
    return (
        dict.fromkeys(_NEVER_SET)
        | {name: given.get(name) for name in _AS_GIVEN}
        | {
            "id": intent_id,
            "object": "payment_intent",
            "amount": given["amount"],
            "amount_capturable": 0,
            "amount_details": {"tip": {}},
            "amount_received": 0,
            "automatic_payment_methods": _automatic(given),
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": given.get("capture_method", "automatic_async"),
            "client_secret": secret,
            "confirmation_method": "automatic",
            "created": now,
            "currency": currency,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": given.get("metadata", {}),
            "next_action": None,
            "payment_method": None,
            "payment_method_options": {
                "card": {
                    "installments": None,
                    "mandate_options": None,
                    "network": None,
                    "request_three_d_secure": "automatic",
                }
            },
            "payment_method_types": given.get("allowed_payment_method_types") or ["card"],
            "status": "requires_payment_method",
        }
    )


def money(amount: int, currency: str) -> str:
    """Write an amount for people: `$10.00` for dollars, `10.00 eur` for the rest."""
    if currency in _ZERO_DECIMAL:
        return f"{amount} {currency}"
    value = f"{amount // 100:,}.{amount % 100:02d}"
    return f"${value}" if currency == "usd" else f"{value} {currency}"


def _automatic(given: Json) -> Json | None:
    """Since API version 2023-08-16 an intent that allows no certain types takes whatever the account has on.

    RefusedError where it does both: Stripe takes one of the two
    (https://docs.stripe.com/changelog/dahlia/2026-07-29/allowed-payment-method-types-parameter).
    """
    automatic = given.get("automatic_payment_methods")
    if allowed := given.get("allowed_payment_method_types"):
        _check_one_of_two(automatic)
    if allowed or (automatic is not None and not automatic["enabled"]):
        return None
    return {"allow_redirects": "always", "enabled": True} | (automatic or {})


def _check_one_of_two(automatic: Json | None) -> None:
    if automatic is not None:
        raise RefusedError(
            "You may only specify one of these parameters: allowed_payment_method_types, automatic_payment_methods.",
            param="allowed_payment_method_types",
        )


def check_currency(currency: str) -> None:
    """RefusedError for a currency that the sandbox does not know."""
    if currency not in AMOUNT_MIN:
        raise RefusedError(
            f"Invalid currency: {currency}. The sandbox supports these currencies: {', '.join(AMOUNT_MIN)}",
            param="currency",
        )


def _check_amount(amount: int, currency: str) -> None:
    check_currency(currency)
    if amount < AMOUNT_MIN[currency]:
        raise RefusedError(
            f"Amount must be at least {money(AMOUNT_MIN[currency], currency)} {currency}",
            code="amount_too_small",
            param="amount",
        )
    if amount > AMOUNT_MAX:
        raise RefusedError(
            f"Amount must be no more than {money(AMOUNT_MAX, currency)}",
            code="amount_too_large",
            param="amount",
        )
