"""Charges: one attempt to move money, good or bad (https://docs.stripe.com/api/charges/object)."""

from cluster.sandbox.declines import Decline
from cluster.sandbox.shapes import Json

_NEVER_SET = (
    "application",
    "application_fee",
    "application_fee_amount",
    "balance_transaction",
    "customer",
    "failure_balance_transaction",
    "on_behalf_of",
    "receipt_number",
    "receipt_url",
    "review",
    "shipping",
    "source_transfer",
    "transfer_data",
    "transfer_group",
)
_AS_INTENDED = (
    "amount",
    "currency",
    "description",
    "metadata",
    "receipt_email",
    "statement_descriptor",
    "statement_descriptor_suffix",
)


def attempt(charge_id: str, intent: Json, method: Json, now: int, decline: Decline | None) -> Json:
    """Return the charge of a confirmed intent: succeeded (captured unless capture is manual), or failed."""
    return (
        dict.fromkeys(_NEVER_SET)
        | {name: intent[name] for name in _AS_INTENDED}
        | {
            "id": charge_id,
            "object": "charge",
            "calculated_statement_descriptor": "SANDBOX",
            "created": now,
            "disputed": False,
            "fraud_details": {},
            "livemode": False,
            "payment_intent": intent["id"],
        }
        | _paid_with(intent, method)
        | _result(intent, decline)
    )


def capture(charge: Json, amount: int) -> Json:
    """Return the charge with `amount` cents taken and the rest released."""
    released = charge["amount"] - amount
    return {**charge, "captured": True, "amount_captured": amount, "amount_refunded": released}


def release(charge: Json) -> Json:
    """Return an uncaptured charge whose money was let go."""
    return {**charge, "amount_refunded": charge["amount"], "refunded": True}


def _paid_with(intent: Json, method: Json) -> Json:
    return {
        "billing_details": method["billing_details"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method),
    }


def _result(intent: Json, decline: Decline | None) -> Json:
    good = decline is None
    captured = good and intent["capture_method"] != "manual"
    return {
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "captured": captured,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "outcome": _outcome(decline),
        "paid": good,
        "refunded": False,
        "status": "succeeded" if good else "failed",
    }


def _details(intent: Json, method: Json) -> Json:
    card = method["card"]
    kept = (
        "brand",
        "checks",
        "country",
        "exp_month",
        "exp_year",
        "fingerprint",
        "funding",
        "last4",
        "wallet",
    )
    details = {key: card[key] for key in kept}
    return {
        "type": "card",
        "card": details
        | {
            "amount_authorized": intent["amount"],
            "installments": None,
            "mandate": None,
            "network": card["brand"],
            "three_d_secure": None,
        },
    }


def _outcome(decline: Decline | None) -> Json:
    common = {"risk_level": "normal", "risk_score": 20, "advice_code": None, "network_advice_code": None}
    if decline is None:
        return common | {
            "network_status": "approved_by_network",
            "network_decline_code": None,
            "reason": None,
            "seller_message": "Payment complete.",
            "type": "authorized",
        }
    return common | {
        "network_status": "declined_by_network",
        "network_decline_code": "01",
        "reason": decline.decline_code,
        "type": "issuer_declined",
        "seller_message": f"The bank returned the decline code `{decline.decline_code}`.",
    }
