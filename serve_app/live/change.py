"""One change of a ticket or an order, as people are told of it."""

from dataclasses import dataclass
from functools import cached_property

from bson import ObjectId

from actors.contract import ORDERS, TICKETS
from actors.runtime.codec import Document
from serve_app import views
from serve_app.live import events
from serve_app.live.position import Position

FIELDS = (
    *("_id", "userId", "version"),
    *("title", "price", "hold.orderId", "sold"),
    *("status", "expiresAt", "ticket", "payment"),
)
"""What of a ticket's or an order's snapshot is needed to show it: of both, of tickets, of orders."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A new version of a ticket or an order."""

    position: Position
    service: str
    """`tickets` or `orders`."""

    document: Document
    """The snapshot, as far as it is shown."""

    @property
    def key(self) -> ObjectId:
        """Whose change it is; ids are unique over both services."""
        key: ObjectId = self.document["_id"]
        return key

    @property
    def buyer(self) -> ObjectId | None:
        """Who alone may hear of it: an order's buyer; None where everybody may."""
        return self.document["userId"] if self.service == ORDERS else None

    @cached_property
    def message(self) -> bytes:
        """The event; made when the first stream sends it, and shared by all."""
        if self.service == TICKETS:
            return events.event("ticket", self.position, views.ticket_on_show(self.document))
        return events.event("order", self.position, views.order(self.document))
