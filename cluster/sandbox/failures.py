"""Why a payment failed, as `last_payment_error` keeps it and as a 402 carries it.

The object: https://docs.stripe.com/api/errors.
"""

from cluster.sandbox.declines import Decline
from cluster.sandbox.errors import doc_url
from cluster.sandbox.shapes import Json


def card_failure(decline: Decline, method: Json, charge_id: str) -> Json:
    """Return the error object of a declined charge."""
    failure: Json = {
        "charge": charge_id,
        "code": decline.code,
        "decline_code": decline.decline_code,
        "doc_url": doc_url(decline.code),
        "message": decline.message,
        "payment_method": method,
        "type": "card_error",
    }
    return failure if decline.param is None else failure | {"param": decline.param}


def authentication_failed(method: Json) -> Json:
    """Return the error object of a failed 3-D Secure challenge; no charge was tried."""
    code = "payment_intent_authentication_failure"
    return {
        "code": code,
        "doc_url": doc_url(code),
        "payment_method": method,
        "type": "invalid_request_error",
        "message": "The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.",
    }
