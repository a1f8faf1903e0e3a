"""What Stripe documents of its objects: fields, types, whether they may be null, and the words of each enum.

Written down here so that the sandbox is held against Stripe and not against itself. The source of each table is its
`url`; `tests/unit/sandbox/test_facts.py` holds them against the official library, which Stripe generates from its
OpenAPI description of the same version.

A type is `str`, `int` (cents, or epoch seconds), `bool`, `list`, `dict`, `pi_*` (an id with that prefix), `=name`
(the table of that name) or words with `|` between them (an enum). A `?` at its end: it may be null.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

API_VERSION = "2026-10-28.endive"


@dataclass(frozen=True, kw_only=True)
class Table:
    """The fields of one object."""

    url: str
    """Where Stripe documents them."""

    always: Mapping[str, str]
    sometimes: Mapping[str, str] = field(default_factory=dict)
    """Fields that an answer may leave out."""


_DOCS = "https://docs.stripe.com/api"
_TIME, _TEXT, _META = "int", "str?", "dict"

FACTS: Mapping[str, Table] = {
    "payment_intent": Table(
        url=f"{_DOCS}/payment_intents/object",
        always={
            "id": "pi_*",
            "object": "payment_intent",
            "amount": "int",
            "amount_capturable": "int",
            "amount_details": "dict?",
            "amount_received": "int",
            "application": _TEXT,
            "application_fee_amount": "int?",
            "automatic_payment_methods": "dict?",
            "canceled_at": "int?",
            "cancellation_reason": (
                "abandoned|automatic|duplicate|expired|failed_invoice|fraudulent|requested_by_customer|void_invoice?"
            ),
            "capture_method": "automatic|automatic_async|manual",
            "client_secret": _TEXT,
            "confirmation_method": "automatic|manual",
            "created": _TIME,
            "currency": "str",
            "customer": "cus_*?",
            "description": _TEXT,
            "last_payment_error": "=error?",
            "latest_charge": "ch_*?",
            "livemode": "bool",
            "metadata": _META,
            "next_action": "=payment_intent.next_action?",
            "on_behalf_of": "acct_*?",
            "payment_method": "pm_*?",
            "payment_method_options": "dict?",
            "payment_method_types": "list",
            "processing": "dict?",
            "receipt_email": _TEXT,
            "review": _TEXT,
            "setup_future_usage": "off_session|on_session?",
            "shipping": "dict?",
            "statement_descriptor": _TEXT,
            "statement_descriptor_suffix": _TEXT,
            "status": (
                "canceled|processing|requires_action|requires_capture|requires_confirmation|requires_payment_method"
                "|succeeded"
            ),
            "transfer_data": "dict?",
            "transfer_group": _TEXT,
        },
        sometimes={
            "allowed_payment_method_types": "list?",
            "customer_account": _TEXT,
            "excluded_payment_method_types": "list?",
            "hooks": "dict?",
            "managed_payments": "dict?",
            "payment_details": "dict?",
            "payment_method_configuration_details": "dict?",
            "payment_record": _TEXT,
            "presentment_details": "dict?",
            "source": _TEXT,
        },
    ),
    "payment_intent.next_action": Table(
        url=f"{_DOCS}/payment_intents/object#payment_intent_object-next_action",
        always={"type": "str"},
        sometimes={"redirect_to_url": "=payment_intent.redirect?", "use_stripe_sdk": "dict?"},
    ),
    "payment_intent.redirect": Table(
        url=f"{_DOCS}/payment_intents/object#payment_intent_object-next_action-redirect_to_url",
        always={"return_url": _TEXT, "url": _TEXT},
    ),
    "charge": Table(
        url=f"{_DOCS}/charges/object",
        always={
            "id": "ch_*",
            "object": "charge",
            "amount": "int",
            "amount_captured": "int",
            "amount_refunded": "int",
            "application": _TEXT,
            "application_fee": _TEXT,
            "application_fee_amount": "int?",
            "balance_transaction": "txn_*?",
            "billing_details": "=billing_details",
            "calculated_statement_descriptor": _TEXT,
            "captured": "bool",
            "created": _TIME,
            "currency": "str",
            "customer": "cus_*?",
            "description": _TEXT,
            "disputed": "bool",
            "failure_balance_transaction": "txn_*?",
            "failure_code": _TEXT,
            "failure_message": _TEXT,
            "fraud_details": "dict?",
            "livemode": "bool",
            "metadata": _META,
            "on_behalf_of": "acct_*?",
            "outcome": "=charge.outcome?",
            "paid": "bool",
            "payment_intent": "pi_*?",
            "payment_method": "pm_*?",
            "payment_method_details": "dict?",
            "receipt_email": _TEXT,
            "receipt_number": _TEXT,
            "receipt_url": _TEXT,
            "refunded": "bool",
            "review": _TEXT,
            "shipping": "dict?",
            "source_transfer": _TEXT,
            "statement_descriptor": _TEXT,
            "statement_descriptor_suffix": _TEXT,
            "status": "failed|pending|succeeded",
            "transfer_data": "dict?",
            "transfer_group": _TEXT,
        },
        sometimes={
            "authorization_code": _TEXT,
            "level3": "dict?",
            "presentment_details": "dict?",
            "radar_options": "dict?",
            "refunds": "dict?",
            "source": "dict?",
            "transfer": _TEXT,
        },
    ),
    "charge.outcome": Table(
        url=f"{_DOCS}/charges/object#charge_object-outcome",
        always={
            "network_status": _TEXT,
            "reason": _TEXT,
            "seller_message": _TEXT,
            "type": "str",
        },
        sometimes={
            "advice_code": "confirm_card_data|do_not_try_again|try_again_later?",
            "network_advice_code": _TEXT,
            "network_decline_code": _TEXT,
            "risk_level": "str?",
            "risk_score": "int?",
            "rule": _TEXT,
        },
    ),
    "refund": Table(
        url=f"{_DOCS}/refunds/object",
        always={
            "id": "re_*",
            "object": "refund",
            "amount": "int",
            "balance_transaction": "txn_*?",
            "charge": "ch_*?",
            "created": _TIME,
            "currency": "str",
            "metadata": "dict?",
            "payment_intent": "pi_*?",
            "reason": "duplicate|expired_uncaptured_charge|fraudulent|requested_by_customer?",
            "receipt_number": _TEXT,
            "source_transfer_reversal": _TEXT,
            "status": _TEXT,
            "transfer_reversal": _TEXT,
        },
        sometimes={
            "customer": "cus_*?",
            "customer_account": _TEXT,
            "description": _TEXT,
            "destination_details": "dict?",
            "failure_balance_transaction": "txn_*?",
            "failure_reason": _TEXT,
            "instructions_email": _TEXT,
            "next_action": "dict?",
            "payment_method": "pm_*?",
            "pending_reason": "charge_pending|insufficient_funds|processing?",
            "presentment_details": "dict?",
        },
    ),
    "checkout.session": Table(
        url=f"{_DOCS}/checkout/sessions/object",
        always={
            "id": "cs_*",
            "object": "checkout.session",
            "after_expiration": "dict?",
            "allow_promotion_codes": "bool?",
            "amount_subtotal": "int?",
            "amount_total": "int?",
            "automatic_tax": "dict",
            "billing_address_collection": "auto|required?",
            "cancel_url": _TEXT,
            "client_reference_id": _TEXT,
            "consent": "dict?",
            "consent_collection": "dict?",
            "created": _TIME,
            "currency": _TEXT,
            "custom_fields": "list",
            "custom_text": "dict",
            "customer": "cus_*?",
            "customer_creation": "always|if_required?",
            "customer_details": "=checkout.session.customer_details?",
            "customer_email": _TEXT,
            "expires_at": _TIME,
            "invoice": "in_*?",
            "invoice_creation": "dict?",
            "livemode": "bool",
            "locale": _TEXT,
            "metadata": "dict?",
            "mode": "payment|setup|subscription",
            "payment_intent": "pi_*?",
            "payment_link": _TEXT,
            "payment_method_collection": "always|if_required?",
            "payment_method_options": "dict?",
            "payment_method_types": "list",
            "payment_status": "no_payment_required|paid|unpaid",
            "phone_number_collection": "dict?",
            "recovered_from": _TEXT,
            "setup_intent": _TEXT,
            "shipping_address_collection": "dict?",
            "shipping_cost": "dict?",
            "shipping_options": "list",
            "status": "complete|expired|open?",
            "submit_type": "auto|book|donate|pay|subscribe?",
            "subscription": _TEXT,
            "success_url": _TEXT,
            "total_details": "dict?",
            "ui_mode": "elements|embedded_page|form|hosted_page?",
            "url": _TEXT,
        },
        sometimes={
            "adaptive_pricing": "dict?",
            "allowed_payment_method_types": "list?",
            "branding_settings": "dict?",
            "client_secret": _TEXT,
            "collected_information": "dict?",
            "currency_conversion": "dict?",
            "customer_account": _TEXT,
            "discounts": "list?",
            "excluded_payment_method_types": "list?",
            "integration_identifier": _TEXT,
            "line_items": "dict?",
            "managed_payments": "dict?",
            "name_collection": "dict?",
            "optional_items": "list?",
            "origin_context": "mobile_app|web?",
            "payment_method_configuration_details": "dict?",
            "permissions": "dict?",
            "presentment_details": "dict?",
            "redirect_on_completion": "always|if_required|never?",
            "return_url": _TEXT,
            "saved_payment_method_options": "dict?",
            "tax_id_collection": "dict?",
            "wallet_options": "dict?",
        },
    ),
    "checkout.session.customer_details": Table(
        url=f"{_DOCS}/checkout/sessions/object#checkout_session_object-customer_details",
        always={
            "address": "dict?",
            "email": _TEXT,
            "name": _TEXT,
            "phone": _TEXT,
            "tax_exempt": "exempt|none|reverse?",
            "tax_ids": "list?",
        },
        sometimes={"business_name": _TEXT, "individual_name": _TEXT},
    ),
    "event": Table(
        url=f"{_DOCS}/events/object",
        always={
            "id": "evt_*",
            "object": "event",
            "api_version": _TEXT,
            "created": _TIME,
            "data": "=event.data",
            "livemode": "bool",
            "pending_webhooks": "int",
            "request": "=event.request?",
            "type": "str",
        },
        sometimes={"account": _TEXT, "context": _TEXT},
    ),
    "event.data": Table(
        url=f"{_DOCS}/events/object#event_object-data",
        always={"object": "dict"},
        sometimes={"previous_attributes": "dict?"},
    ),
    "event.request": Table(
        url=f"{_DOCS}/events/object#event_object-request", always={"id": "req_*?", "idempotency_key": _TEXT}
    ),
    "payment_method": Table(
        url=f"{_DOCS}/payment_methods/object",
        always={
            "id": "pm_*",
            "object": "payment_method",
            "allow_redisplay": "always|limited|unspecified?",
            "billing_details": "=billing_details",
            "card": "=payment_method.card?",
            "created": _TIME,
            "customer": "cus_*?",
            "livemode": "bool",
            "metadata": "dict?",
            "type": "str",
        },
        sometimes={"customer_account": _TEXT, "radar_options": "dict?"},
    ),
    "payment_method.card": Table(
        url=f"{_DOCS}/payment_methods/object#payment_method_object-card",
        always={
            "brand": "str",
            "checks": "dict?",
            "country": _TEXT,
            "exp_month": "int",
            "exp_year": "int",
            "funding": "str",
            "last4": "str",
            "networks": "dict?",
            "three_d_secure_usage": "dict?",
            "wallet": "dict?",
        },
        sometimes={
            "description": _TEXT,
            "display_brand": _TEXT,
            "fingerprint": _TEXT,
            "generated_from": "dict?",
            "iin": _TEXT,
            "issuer": _TEXT,
            "regulated_status": "regulated|unregulated?",
        },
    ),
    "billing_details": Table(
        url=f"{_DOCS}/payment_methods/object#payment_method_object-billing_details",
        always={"address": "dict?", "email": _TEXT, "name": _TEXT, "phone": _TEXT},
        sometimes={"tax_id": _TEXT},
    ),
    "error": Table(
        url=f"{_DOCS}/errors",
        always={"type": "str"},
        sometimes={
            "advice_code": _TEXT,
            "charge": "ch_*?",
            "code": _TEXT,
            "decline_code": _TEXT,
            "doc_url": _TEXT,
            "message": _TEXT,
            "network_advice_code": _TEXT,
            "network_decline_code": _TEXT,
            "param": _TEXT,
            "payment_intent": "=payment_intent?",
            "payment_method": "=payment_method?",
            "payment_method_type": _TEXT,
            "request_log_url": _TEXT,
            "setup_intent": "dict?",
            "source": "dict?",
        },
    ),
    "webhook_endpoint": Table(
        url=f"{_DOCS}/webhook_endpoints/object",
        always={
            "id": "we_*",
            "object": "webhook_endpoint",
            "api_version": _TEXT,
            "application": _TEXT,
            "created": _TIME,
            "description": _TEXT,
            "enabled_events": "list",
            "livemode": "bool",
            "metadata": _META,
            "status": "str",
            "url": "str",
        },
        sometimes={"deleted": "bool?", "secret": "whsec_*?"},
    ),
}

_CLASSES: Mapping[str, type] = {"str": str, "int": int, "bool": bool, "list": list, "dict": dict}


def wrong(name: str, item: Mapping[str, Any], *, strict: bool) -> list[str]:
    """Say where an object is not what Stripe documents; `strict` finds fields that are not documented, too."""
    return list(_wrong(name, FACTS[name], item, strict))


def _wrong(path: str, table: Table, item: Mapping[str, Any], strict: bool) -> Iterator[str]:
    known = {**table.always, **table.sometimes}
    yield from (f"{path}.{name} is missing ({table.url})" for name in table.always if name not in item)
    for name, value in item.items():
        if name in known:
            yield from _wrong_value(f"{path}.{name}", known[name], value, strict, table.url)
        elif strict:
            yield f"{path}.{name} is not documented ({table.url})"


def _wrong_value(path: str, fact: str, value: object, strict: bool, url: str) -> Iterator[str]:
    kind = fact.removesuffix("?")
    if value is None and fact.endswith("?"):
        return
    if kind.startswith("=") and isinstance(value, dict):
        yield from _wrong(path, FACTS[kind[1:]], value, strict)
    elif not _fits(kind, value):
        yield f"{path} is {value!r}, not {fact} ({url})"


def _fits(kind: str, value: object) -> bool:
    if kind in _CLASSES:
        return isinstance(value, _CLASSES[kind]) and (kind == "bool" or not isinstance(value, bool))
    if kind.endswith("*"):
        return isinstance(value, str) and value.startswith(kind[:-1])
    return isinstance(value, str) and value in kind.split("|")
