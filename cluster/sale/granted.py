"""An order as its 201 tells of it, and the id of whatever an answer tells of: read whole, or not at all. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bson import ObjectId
from bson.errors import InvalidId

from cluster.audit.fields import ForeignField, field, value_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """An order, as its buyer is told of it."""

    order_id: ObjectId
    ticket_id: ObjectId
    version: int
    price: int
    """Cents."""

    expires_at: datetime


def read_order(body: Mapping[str, Any]) -> Granted | None:
    """The order that `body` tells of; None where it leaves something out, or says it as no order does."""
    try:
        return Granted(
            order_id=ObjectId(field(body, "id", str)),
            ticket_id=ObjectId(field(body, "ticket.id", str)),
            version=field(body, "version", int),
            price=round(float(value_at(body, "ticket.price")) * 100),
            expires_at=_moment(field(body, "expiresAt", str)),
        )
    except (ForeignField, InvalidId, TypeError, ValueError, OverflowError):
        return None


def read_id(body: Mapping[str, Any], name: str = "id") -> ObjectId | None:
    """The id under `name`; None where there is none."""
    try:
        return ObjectId(field(body, name, str))
    except (ForeignField, InvalidId):
        return None


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text} leaves open in which zone")
    return moment
