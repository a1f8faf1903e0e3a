"""Events: what a change to an object is called, and the object that tells of it.

The types: https://docs.stripe.com/api/events/types, the object: https://docs.stripe.com/api/events/object.
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from cluster.sandbox.shapes import API_VERSION, Cause, Json

KEPT_S = 30 * 24 * 60 * 60
"""Stripe gives events for 30 days, in seconds."""

COUNT_MAX = 100_000
"""The sandbox keeps no more than this, however young."""

TYPES = (
    "charge.captured",
    "charge.failed",
    "charge.refunded",
    "charge.succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "payment_intent.amount_capturable_updated",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "refund.created",
    "refund.failed",
    "refund.updated",
)
"""Every type that the sandbox makes."""

_WITH_PREVIOUS = ("charge.refunded", "refund.updated")


@dataclass(frozen=True)
class Change:
    """One thing that happened to an object."""

    type: str
    after: Json
    before: Json | None


def changes(before: Json | None, after: Json) -> list[Change]:
    """Return what happened between two states of an object; `before` is None for a new one."""
    types = _TYPES_OF.get(after["object"], _nothing)(before or {}, after)
    return [Change(type_, after, before) for type_ in types]


def new(event_id: str, change: Change, cause: Cause, now: int) -> Json:
    """Return the Event of a change; `now` is in epoch seconds."""
    data: Json = {"object": change.after}
    if change.type in _WITH_PREVIOUS and change.before is not None:
        data["previous_attributes"] = _previous(change.before, change.after)
    return {
        "id": event_id,
        "object": "event",
        "api_version": API_VERSION,
        "created": now,
        "data": data,
        "livemode": False,
        "pending_webhooks": 0,
        "request": {"id": cause.request_id, "idempotency_key": cause.idempotency_key},
        "type": change.type,
    }


def _previous(before: Json, after: Json) -> Json:
    return {name: before.get(name) for name in after if before.get(name) != after[name]}


def _intent(before: Json, after: Json) -> list[str]:
    types = [] if before else ["payment_intent.created"]
    error = after["last_payment_error"]
    if error is not None and error != before.get("last_payment_error"):
        types.append("payment_intent.payment_failed")
    if after["status"] != before.get("status") and after["status"] in _INTENT_STATUSES:
        types.append(f"payment_intent.{_INTENT_STATUSES[after['status']]}")
    return types


def _charge(before: Json, after: Json) -> list[str]:
    if not before:
        return [f"charge.{after['status']}"]
    types = ["charge.captured"] if after["captured"] and not before["captured"] else []
    # A refund that failed takes its amount back; Stripe tells that by the refund alone.
    grown = after["amount_refunded"] > before["amount_refunded"]
    return [*types, "charge.refunded"] if grown else types


def _refund(before: Json, after: Json) -> list[str]:
    if not before:
        return ["refund.created"]
    if before["status"] == after["status"]:
        return []
    return ["refund.updated", "refund.failed"] if after["status"] == "failed" else ["refund.updated"]


def _session(before: Json, after: Json) -> list[str]:
    if before.get("status") == after["status"]:
        return []
    return {"complete": ["checkout.session.completed"], "expired": ["checkout.session.expired"]}.get(
        after["status"], []
    )


def _nothing(before: Json, after: Json) -> list[str]:
    return []


_INTENT_STATUSES = MappingProxyType(
    {
        "requires_action": "requires_action",
        "requires_capture": "amount_capturable_updated",
        "succeeded": "succeeded",
        "canceled": "canceled",
    }
)
_TYPES_OF: dict[str, Callable[[Json, Json], list[str]]] = {
    "payment_intent": _intent,
    "charge": _charge,
    "refund": _refund,
    "checkout.session": _session,
}
