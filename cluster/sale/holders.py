"""Who holds which ticket, by the orders and by the tickets: what must agree where no database can be read. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from bson import ObjectId

from cluster.audit.violation import Violation, order as order_name, ticket as ticket_name

Orders = Mapping[ObjectId, Mapping[str, Any]]
Holders = Mapping[ObjectId, str | None]
"""By ticket: the order that holds it, as its page says."""


def wrong_holders(orders: Orders, holders: Holders) -> Iterator[Violation]:
    """Every ticket with two live orders, with none although one holds it, or with another than its own."""
    live = defaultdict(list)
    for order_id, order in orders.items():
        if order["status"] != "cancelled":
            live[order["ticket"]["id"]].append(order_id)
    for ticket_id, holder in holders.items():
        yield from _wrong(ticket_id, live[ticket_id], ObjectId(holder) if holder else None, orders)


def _wrong(ticket_id: ObjectId, live: list[ObjectId], holder: ObjectId | None, orders: Orders) -> Iterator[Violation]:
    name = ticket_name(ticket_id)
    if len(live) > 1:
        yield Violation("oversold", f"{len(live)} orders for it live at once.", (name, *map(order_name, live)))
    for each in live:
        if holder != each:
            yield Violation("order_without_hold", "The order lives; its ticket is not its.", (name, order_name(each)))
    if holder and holder in orders and holder not in live:
        yield Violation("hold_of_ended_order", "The order that holds it is over.", (name, order_name(holder)))
