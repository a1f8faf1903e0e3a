"""Charges: one attempt to move money, good or bad (https://docs.stripe.com/api/charges/object)."""

from cluster.sandbox.declines import Decline
from cluster.sandbox.shapes import Json


def attempt(charge_id: str, intent: Json, method: Json, now: int, decline: Decline | None) -> Json:
    """Return the charge of a confirmed intent: succeeded (captured unless capture is manual), or failed."""
    good = decline is None
    captured = good and intent["capture_method"] != "manual"
    return {
        "id": charge_id,
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": intent["amount"] if captured else 0,
        "amount_refunded": 0,
        "application": None,
        "application_fee": None,
        "application_fee_amount": None,
        "balance_transaction": None,
        "billing_details": method["billing_details"],
        "calculated_statement_descriptor": "SANDBOX",
        "captured": captured,
        "created": now,
        "currency": intent["currency"],
        "customer": None,
        "description": intent["description"],
        "disputed": False,
        "failure_balance_transaction": None,
        "failure_code": decline.code if decline else None,
        "failure_message": decline.message if decline else None,
        "fraud_details": {},
        "livemode": False,
        "metadata": intent["metadata"],
        "on_behalf_of": None,
        "outcome": _outcome(decline),
        "paid": good,
        "payment_intent": intent["id"],
        "payment_method": method["id"],
        "payment_method_details": _details(intent, method),
        "receipt_email": intent["receipt_email"],
        "receipt_number": None,
        "receipt_url": None,
        "refunded": False,
        "review": None,
        "shipping": None,
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "statement_descriptor_suffix": intent["statement_descriptor_suffix"],
        "status": "succeeded" if good else "failed",
        "transfer_data": None,
        "transfer_group": None,
    }


def capture(charge: Json, amount: int) -> Json:
    """Return the charge with `amount` cents taken and the rest released."""
    released = charge["amount"] - amount
    return {**charge, "captured": True, "amount_captured": amount, "amount_refunded": released}


def release(charge: Json) -> Json:
    """Return an uncaptured charge whose money was let go."""
    return {**charge, "amount_refunded": charge["amount"], "refunded": True}


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
