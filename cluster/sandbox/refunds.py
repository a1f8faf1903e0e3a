"""Refunds: how much may go back, and how it ends (https://docs.stripe.com/api/refunds)."""

from dataclasses import dataclass

from cluster.sandbox.cards import by_fingerprint
from cluster.sandbox.errors import RefusedError
from cluster.sandbox.intent_objects import money
from cluster.sandbox.shapes import Json


@dataclass(frozen=True)
class Return:
    """A refund and what it did to its charge."""

    refund: Json
    charge: Json


def start(refund_id: str, charge: Json, now: int, given: Json) -> Return:
    """Refund a captured charge, wholly or `given["amount"]` cents of it; RefusedError beyond what is left.

    How it ends may show later: see `settle`.
    """
    left = charge["amount"] - charge["amount_refunded"]
    _check_refundable(charge)
    amount = given.get("amount", left)
    _check_amount(charge, amount, left)
    is_pending = _fate(charge) == "pending"
    refund: Json = {
        "id": refund_id,
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": now,
        "currency": charge["currency"],
        "metadata": given.get("metadata", {}),
        "destination_details": {
            "card": {
                "reference_status": "pending",
                "reference_type": "acquirer_reference_number",
                "type": "refund",
            },
            "type": "card",
        },
        "payment_intent": charge["payment_intent"],
        "reason": given.get("reason"),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending" if is_pending else "succeeded",
        "pending_reason": "processing" if is_pending else None,
        "transfer_reversal": None,
    }
    return Return(refund, _with_refunded(charge, charge["amount_refunded"] + amount))


def ends_late(charge: Json) -> bool:
    """Whether how a refund of this charge ends shows only later."""
    return _fate(charge) != "succeeded"


def settle(refund: Json, charge: Json) -> Return:
    """What became of it: a pending one succeeded; one that had succeeded failed if its card is such a one.

    Then the charge has its money again. All others stay.
    """
    if refund["status"] == "pending":
        ended = {key: value for key, value in refund.items() if key != "pending_reason"}
        return Return(ended | {"status": "succeeded"}, charge)
    if refund["status"] != "succeeded" or _fate(charge) != "failed":
        return Return(refund, charge)
    failed = refund | {
        "status": "failed",
        "failure_reason": "expired_or_canceled_card",
        "failure_balance_transaction": None,
    }
    return Return(failed, _with_refunded(charge, charge["amount_refunded"] - refund["amount"]))


def _fate(charge: Json) -> str:
    return by_fingerprint(charge["payment_method_details"]["card"]["fingerprint"]).refund


def _with_refunded(charge: Json, amount: int) -> Json:
    return {**charge, "amount_refunded": amount, "refunded": amount == charge["amount"]}


def _check_refundable(charge: Json) -> None:
    if charge["refunded"]:
        raise RefusedError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    if not charge["captured"]:
        raise RefusedError(f"Charge {charge['id']} has no captured money to refund.", code="charge_not_refundable")


def _check_amount(charge: Json, amount: int, left: int) -> None:
    if amount <= left:
        return
    limit = "unrefunded amount on charge" if left < charge["amount"] else "charge amount"
    currency = charge["currency"]
    raise RefusedError(
        f"Refund amount ({money(amount, currency)}) is greater than {limit} ({money(left, currency)})",
        param="amount",
    )
