"""What must be true when everything is quiet, computed from the stores and from Stripe's books, not from events."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from actors.contract import (
    AUTH,
    EXPIRATION,
    ORDERS,
    PAYMENTS,
    TICKETS,
    CancelOrder,
    EditTicket,
    OrderReply,
    Refused,
    Reserve,
    SignedUp,
    TicketReply,
)
from actors.runtime.lease import LEASE_FOR_S
from actors.runtime.memory import MEMORY_TRUSTED_S

from .guard import LIVE
from .people import Told

if TYPE_CHECKING:
    from .world import World

Document = dict[str, Any]

ROUNDING_S = 0.002
"""Clocks are cut to whole milliseconds."""

GROUNDS: dict[str, Callable[[Document], bool]] = {
    "ticket_reserved": lambda ticket: bool(ticket.get("hold")),
    "order_cancelled": lambda order: order["status"] == "cancelled",
    "order_complete": lambda order: order["status"] == "complete",
    "order_paid": lambda order: order["status"] == "complete",
    "payment_in_progress": lambda order: order["status"] == "awaiting:payment",
    "order_not_paid": lambda order: (order.get("payment") or {}).get("status") != "paid" or order.get("claiming"),
}
"""What must have been stored for a refusal to be true."""


def wrongs(world: "World", told: list[Told]) -> Iterator[str]:
    """Everything that is wrong in the end."""
    yield from holds(world)
    yield from grants(world)
    for order in world.truths[ORDERS].documents.values():
        yield from fate(world, order)
        yield from money(world, order)
        yield from papers(world, order)
    yield from rest(world)
    for each in told:
        yield from promise(world, each)


def holds(world: "World") -> Iterator[str]:
    """Every hold is one live order's, and every live order has its hold."""
    orders = world.truths[ORDERS].documents
    for ticket in world.truths[TICKETS].documents.values():
        held = ticket.get("hold")
        if held is None:
            if ticket["sold"]:
                yield f"ticket {ticket['_id']} is sold to nobody"
            continue
        order = orders.get(held["orderId"])
        if order is None or order["status"] not in LIVE:
            yield f"ticket {ticket['_id']} is held by {held['orderId']}, which is {order and order['status']}"
            continue
        if ticket["sold"] != (order["status"] == "complete"):
            yield f"ticket {ticket['_id']} has not heard of its order {order['_id']} ({order['status']})"


def grants(world: "World") -> Iterator[str]:
    """Every hold that was ever granted is counted by its order: `boxoffice audit` misses lost orders by that."""
    had: Counter[Any] = Counter()
    for order in world.truths[ORDERS].documents.values():
        had[order["ticket"]["id"]] += 1 + order["furtherHolds"]
    for ticket in world.truths[TICKETS].documents.values():
        if ticket["holdNumber"] != had[ticket["_id"]]:
            yield f"ticket {ticket['_id']} granted {ticket['holdNumber']} holds, its orders had {had[ticket['_id']]}"


def fate(world: "World", order: Document) -> Iterator[str]:
    """An order is complete and holds its ticket, or cancelled and holds nothing; unpaid ones have expired."""
    ticket = world.truths[TICKETS].documents[order["ticket"]["id"]]
    held = ticket.get("hold") or {}
    is_holder = held.get("orderId") == order["_id"]
    if order["status"] not in ("complete", "cancelled"):
        yield f"order {order['_id']} is still {order['status']}"
    if is_holder != (order["status"] in LIVE):
        yield f"order {order['_id']} is {order['status']}, and its ticket's holder is {held.get('orderId')}"
    if is_holder and (held["holdNumber"], held["userId"]) != (order["holdNumber"], order["userId"]):
        yield f"order {order['_id']} holds its ticket under hold {order['holdNumber']}, the ticket says {held}"


def papers(world: "World", order: Document) -> Iterator[str]:
    """Every order had a timer; a payment if one was ever begun, which knows of the order's end, and otherwise none."""
    payment = world.truths[PAYMENTS].documents.get(order["_id"])
    if order["_id"] not in world.truths[EXPIRATION].history:
        yield f"order {order['_id']} never had a timer"
    if (payment is not None) != bool(order["attempted"]):
        yield f"order {order['_id']} tried to pay by {order['attempted']}, and its payment is {payment}"
    if payment and order["status"] == "cancelled" and payment["status"] != "closed":
        yield f"order {order['_id']} is cancelled, and its payment is {payment['status']}"


def money(world: "World", order: Document) -> Iterator[str]:
    """A complete order was paid once, exactly; of a cancelled one no money is kept."""
    kept = [cents for cents in kept_of(world, str(order["_id"])) if cents]
    payment = order.get("payment") or {}
    if order["status"] == "complete" and kept != [order["ticket"]["price"]]:
        yield f"order {order['_id']} at {order['ticket']['price']} is complete, and Stripe keeps {kept}"
    if order["status"] == "complete" and payment.get("status") != "paid":
        yield f"order {order['_id']} is complete and its payment {payment.get('status')}"
    if order["status"] == "cancelled" and kept:
        yield f"order {order['_id']} is cancelled, and Stripe keeps {kept}"
    if order["status"] == "cancelled" and payment.get("status") not in (None, "failed", "refunded"):
        yield f"order {order['_id']} is cancelled and its payment {payment.get('status')}"


def kept_of(world: "World", order_id: str) -> Iterator[int]:
    """Cents that Stripe keeps of each intent of an order; a part that was given back by hand from a sale is kept."""
    books = world.stripe.ledger
    for intent in books.intents.values():
        if intent.order_id == order_id:
            kept = books.kept(intent)
            goodwill = sum(each.amount for each in books.refunds_of(intent.id) if each.goodwill)
            yield kept + goodwill if kept else 0


def rest(world: "World") -> Iterator[str]:
    """Nobody waits for anything any more, and everybody has been told everything."""
    for service, truth in world.truths.items():
        for key, document in truth.documents.items():
            if document.get("outbox"):
                yield f"{service}/{key} still has something to say: {document['outbox']}"
    for timer in world.truths[EXPIRATION].documents:
        yield f"timer {timer} is still there"
    for payment in world.truths[PAYMENTS].documents.values():
        attempt = payment.get("attempt")
        if attempt and attempt["phase"] not in ("succeeded", "failed", "refunded"):
            yield f"payment {payment['_id']} is still {attempt['phase']}"


def promise(world: "World", told: Told) -> Iterator[str]:
    """What somebody was told was stored, at just the version he was told."""
    reply = told.reply
    match reply:
        case OrderReply():
            stored = stored_at(world, ORDERS, reply.order_id, reply.version)
            if stored is None or _as_told(stored) != (reply.status, reply.user_id, payment_of(reply)):
                yield f"{told.wish} was answered by {reply}; stored was {stored}"
        case TicketReply():
            stored = stored_at(world, TICKETS, reply.ticket.id, reply.ticket.version)
            if stored is None or (stored["title"], stored["price"]) != (reply.ticket.title, reply.ticket.price):
                yield f"{told.wish} was answered by {reply}; stored was {stored}"
        case SignedUp():
            user = world.truths[AUTH].documents.get(told.to.key)
            if user is None or user["userId"] != reply.user_id:
                yield f"{reply.user_id} was signed up, and the account is {user}"
        case Refused(code=code) if code in GROUNDS:
            yield from was_refused_for_a_reason(world, told, GROUNDS[code])
    yield from outcome(world, told)


def outcome(world: "World", told: Told) -> Iterator[str]:
    """An accepted wish has come true."""
    match told.wish, told.reply:
        case EditTicket(title=title), TicketReply(ticket=ticket) if ticket.title != title:
            yield f"the edit to {title} was accepted with {ticket}"
        case CancelOrder(), OrderReply(order_id=order, status="cancelled"):
            if world.truths[ORDERS].documents[order]["status"] != "cancelled" and not had_late_money(world, order):
                yield f"order {order} was told to be cancelled"
        case Reserve(order_id=order), reply if not isinstance(reply, Refused):
            if order not in world.truths[ORDERS].documents:
                yield f"{order} was granted and does not exist"


def had_late_money(world: "World", order: Any) -> bool:
    """Whether a bank paid for an order after all, when it was cancelled."""
    return any(each.late for each in world.stripe.ledger.intents.values() if each.order_id == str(order))


def was_refused_for_a_reason(world: "World", told: Told, ground: Callable[[Document], bool]) -> Iterator[str]:
    """What a refusal says was so at some time between question and answer; an old copy may be a moment behind."""
    history = sorted(world.truths[told.to.service].history[told.to.key].items())
    behind_s = MEMORY_TRUSTED_S + LEASE_FOR_S if world.has_had_copies(told.to) else 0.0
    since_s, until_s = told.asked_s - behind_s - ROUNDING_S, told.told_s + ROUNDING_S
    ends = [at for _, (at, _) in history[1:]] + [world.loop.time()]
    for (_, (begin_s, document)), end_s in zip(history, ends, strict=True):
        if begin_s <= until_s and end_s >= since_s and ground(document):
            return
    yield f"{told.wish} heard {told.reply} at {told.told_s:.3f}, asked at {told.asked_s:.3f}, and it was never so"


def _as_told(order: Document) -> tuple[Any, ...]:
    payment = order.get("payment") or {}
    return order["status"], order["userId"], (payment.get("status"), payment.get("stripeId"))


def payment_of(reply: OrderReply) -> tuple[Any, ...]:
    """What an order says of its payment."""
    return (reply.payment.status, reply.payment.stripe_id) if reply.payment else (None, None)


def stored_at(world: "World", service: str, key: Any, version: int) -> Document | None:
    """What was stored as this version."""
    found = world.truths[service].history[key].get(version)
    return found[1] if found else None
