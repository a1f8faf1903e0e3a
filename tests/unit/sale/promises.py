"""A promise, and the order that keeps it; the tests change what matters to them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bson import ObjectId

from cluster.sale.promise import Promise

OPENED = datetime(2030, 1, 1, tzinfo=UTC)
WINDOW = timedelta(seconds=900)


def promise(**changes: Any) -> Promise:
    """Asked for at 10 s, told at 12 s of an order that was made at 11 s and lasts for 900 s."""
    given = {
        "order_id": ObjectId(),
        "ticket_id": ObjectId(),
        "user_id": ObjectId(),
        "version": 1,
        "price": 1999,
        "expires_at": OPENED + timedelta(seconds=11) + WINDOW,
        "asked_s": 10.0,
        "told_s": 12.0,
        "left_s": 899.0,
    }
    return Promise(**given | changes)


def stored(told: Promise, **changes: Any) -> dict[str, Any]:
    """The order as MongoDB has it; the API does not show when it was made."""
    return {
        "userId": told.user_id,
        "ticket": {"id": told.ticket_id, "price": told.price},
        "version": told.version,
        "status": "created",
        "createdAt": told.expires_at - WINDOW,
        "expiresAt": told.expires_at,
    } | changes
