"""Headers and parameters that operations share."""

from serve_app.openapi.schemas import ID, Schema
from serve_app.operation import KEY_MAX
from serve_app.page import PAGE_MAX
from serve_app.paging import SEARCH_MAX

KEY: Schema = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "Makes a repetition safe: the same key and request answer the same for 24 hours. "
    "After `outcome_unknown` repeat with the same key. Refusals are not remembered, but payments that were tried are: "
    "one that was declined (402) is declined again under its key, so try again with a new one. Do not use a key again "
    "after the 24 hours: what it names may then happen anew.",
    "schema": {"type": "string", "minLength": 1, "maxLength": KEY_MAX, "pattern": "^[ -~]+$"},
}
REPLAYED: Schema = {
    "description": "`true` where the answer is the recorded one of an earlier request with the same key",
    "schema": {"type": "string", "enum": ["true"]},
}
LOCATION: Schema = {
    "description": "The page of the order",
    "schema": {"type": "string", "example": f"/orders/{ID['example']}"},
}
RETRY_AFTER: Schema = {
    "description": "Seconds after which to try again",
    "schema": {"type": "integer", "minimum": 1},
}


def path_parameter(name: str) -> Schema:
    """An id in the path."""
    return {"name": name, "in": "path", "required": True, "schema": ID}


def _query(name: str, description: str, schema: Schema, *, required: bool = False) -> Schema:
    return {"name": name, "in": "query", "required": required, "description": description, "schema": schema}


PAGING: list[Schema] = [
    _query("limit", "Tickets a page", {"type": "integer", "minimum": 1, "maximum": PAGE_MAX, "default": PAGE_MAX}),
    _query("after", "Begin behind this ticket", ID),
    _query("available", "Only tickets that can be reserved now (true), or only the others", {"type": "boolean"}),
    _query(
        "q",
        "Part of the title, whatever the case and the spaces around it",
        {"type": "string", "maxLength": SEARCH_MAX},
    ),
]

STREAM: list[Schema] = [
    _query("tickets", "Only these tickets: their ids, at most 200, with commas between them", {"type": "string"}),
    _query("after", "The id of the newest event that is known, where there is no `Last-Event-ID`", {"type": "string"}),
    {
        "name": "Last-Event-ID",
        "in": "header",
        "required": False,
        "description": "The last id that came before the stream ended; browsers send it by themselves",
        "schema": {"type": "string"},
    },
]

RETURN: list[Schema] = [
    _query("orderId", "The order that was to be paid", ID, required=True),
    _query("session", "Stripe's page that the buyer comes from; others are not looked up", {"type": "string"}),
]

SIGNATURE: Schema = {
    "name": "Stripe-Signature",
    "in": "header",
    "required": True,
    "description": "When Stripe sent the event, and its signature of that and of the body: `t=…,v1=…`",
    "schema": {"type": "string"},
}
