"""Which order a request or an event is about, as its client's metadata says: what a fault may be bound to."""

from collections.abc import Mapping

from cluster.sandbox import form
from cluster.sandbox.errors import ParameterError
from cluster.sandbox.shapes import Json
from cluster.sandbox.transaction import Transaction

NAME = "order_id"
"""What the metadata calls it."""


def of_request(tx: Transaction, kind: str, path: Mapping[str, str], body: bytes) -> str | None:
    """Return the order of the metadata that is sent along, else of the object that the path or a parameter names.

    `kind` is that of the object in the path. None where nothing tells, so also for a request that cannot be read.
    """
    try:
        fields = dict(form.pairs(body))
    except ParameterError:
        return None
    if sent := fields.get(f"metadata[{NAME}]"):
        return sent
    if "id" in path:
        return of_object(tx.get(kind, path["id"]))
    return of_object(tx.get("payment_intent", fields.get("payment_intent", "")))


def of_event(event: Json) -> str | None:
    """Return the order of the object that an event tells of."""
    return of_object(event["data"]["object"])


def of_object(item: Json | None) -> str | None:
    """Return the order that an object's metadata names, if it names one."""
    return ((item or {}).get("metadata") or {}).get(NAME)
