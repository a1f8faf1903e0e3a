"""A fresh Checkout Session with every field that Stripe documents, and what is kept beside it.

The object: https://docs.stripe.com/api/checkout/sessions/object.
"""

from cluster.sandbox.checkout_rules import LIFE_MAX_S, check_life, total
from cluster.sandbox.shapes import Json

_NEVER_SET = (
    "adaptive_pricing",
    "after_expiration",
    "allow_promotion_codes",
    "billing_address_collection",
    "branding_settings",
    "client_secret",
    "collected_information",
    "consent",
    "consent_collection",
    "currency_conversion",
    "customer",
    "customer_account",
    "customer_details",
    "integration_identifier",
    "invoice",
    "locale",
    "origin_context",
    "payment_intent",
    "payment_link",
    "payment_method_configuration_details",
    "permissions",
    "recovered_from",
    "saved_payment_method_options",
    "setup_intent",
    "shipping_address_collection",
    "shipping_cost",
    "subscription",
    "wallet_options",
)
_AS_GIVEN = ("cancel_url", "client_reference_id", "customer_email", "submit_type", "success_url")


def new(session_id: str, now: int, page_url: str, given: Json) -> Json:
    """Return an open session; RefusedError for a time, a sum or currencies that Stripe would not take.

    `now` is in epoch seconds; amounts are in cents (or the currency's smallest unit).
    """
    expires_at = given.get("expires_at", now + LIFE_MAX_S)
    if "expires_at" in given:
        check_life(expires_at - now)
    currency, amount = total(given["line_items"])
    return (
        dict.fromkeys(_NEVER_SET)
        | {name: given.get(name) for name in _AS_GIVEN}
        | _constant()
        | {
            "id": session_id,
            "object": "checkout.session",
            "amount_subtotal": amount,
            "amount_total": amount,
            "allowed_payment_method_types": given.get("allowed_payment_method_types"),
            "created": now,
            "currency": currency,
            "expires_at": expires_at,
            "metadata": given.get("metadata", {}),
            "payment_status": "unpaid",
            "status": "open",
            "url": page_url,
        }
    )


def order(session: Json, given: Json) -> Json:
    """Return what the sandbox keeps of a session beside it: its lines, and what its intent will say."""
    return {
        "id": order_id(session["id"]),
        "object": "sandbox.checkout_order",
        "created": session["created"],
        "lines": [_line(item) for item in given["line_items"]],
        "intent": given.get("payment_intent_data", {}),
        "attempts": 0,
    }


def order_id(session_id: str) -> str:
    """Return the id of what is kept beside a session."""
    return f"sandbox_{session_id}"


def _line(item: Json) -> Json:
    price, quantity = item["price_data"], item["quantity"]
    return {
        "name": price["product_data"]["name"],
        "quantity": quantity,
        "amount": price["unit_amount"] * quantity,
    }


def _constant() -> Json:
    """Return the fields that are the same in every session of the sandbox."""
    return {
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "custom_fields": [],
        "custom_text": dict.fromkeys(("after_submit", "shipping_address", "submit", "terms_of_service_acceptance")),
        "customer_creation": "if_required",
        "discounts": [],
        "invoice_creation": {
            "enabled": False,
            "invoice_data": dict.fromkeys(
                ("account_tax_ids", "custom_fields", "description", "footer", "issuer", "rendering_options")
            )
            | {"metadata": {}},
        },
        "livemode": False,
        "mode": "payment",
        "payment_method_collection": "if_required",
        "payment_method_options": {"card": {"request_three_d_secure": "automatic"}},
        "payment_method_types": ["card"],
        "phone_number_collection": {"enabled": False},
        "shipping_options": [],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
    }
