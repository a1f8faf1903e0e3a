"""The ledger: what every intent took and gave back. Not Stripe's: it is here for tests and audits."""

from cluster.sandbox.endpoint import Call, Endpoint
from cluster.sandbox.shapes import Answer, Json


def show(call: Call) -> Answer:
    """Return every intent, oldest first, in cents. Changes nothing: pending refunds stay pending."""
    rows = [_row(*row) for row in call.tx.ledger()]
    return Answer(
        {
            "object": "sandbox.ledger",
            "livemode": False,
            "data": rows,
            "captured": sum(row["captured"] for row in rows),
            "refunded": sum(row["refunded"] for row in rows),
        }
    )


def _row(intent: Json, session_id: str | None, captured: int, refunded: int, pending: int) -> Json:
    kept = {key: intent[key] for key in ("status", "amount", "currency", "created", "metadata", "latest_charge")}
    return {
        "payment_intent": intent["id"],
        "checkout_session": session_id,
        "captured": captured,
        "refunded": refunded,
        "refund_pending": pending,
    } | kept


ENDPOINTS = (Endpoint(method="GET", path="/v1/sandbox/ledger", run=show, returns="sandbox.ledger"),)
