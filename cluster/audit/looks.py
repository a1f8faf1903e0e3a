"""Second looks: a few suspects, read afresh from MongoDB and from Stripe."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from bson import ObjectId

from actors.runtime.clock import Clock
from cluster.audit.books import Books
from cluster.audit.facts import File, Order, Payment
from cluster.audit.rules import violations
from cluster.audit.stripe_books import StripeBooks
from cluster.audit.till import Till
from cluster.audit.violation import Violation, order as order_name, payment as payment_name


class Looks:
    """Looks at suspects again; each look answers what is wrong with each of them now."""

    def __init__(self, books: Books, stripe: StripeBooks, till: Till, clock: Clock, grace: timedelta) -> None:
        """Read from `books` and `stripe`; `till` says which payments an order had at the first look."""
        self._books = books
        self._stripe = stripe
        self._till = till
        self._clock = clock
        self._grace = grace

    def tickets(self, ids: Sequence[ObjectId]) -> Mapping[ObjectId, list[Violation]]:
        """The rules of these tickets, their orders and their money."""
        tickets = {each.id: each for each in self._books.tickets(ids)}
        orders: dict[ObjectId, list[Order]] = defaultdict(list)
        for order in self._books.orders(ids):
            orders[order.ticket_id].append(order)
        money = self.payments([order.id for found in orders.values() for order in found])
        files = (
            File(ticket_id=each, ticket=tickets.get(each), orders=tuple(orders[each]), payments=money) for each in ids
        )
        return {file.ticket_id: violations(file, self._clock.now(), self._grace) for file in files}

    def payments(self, order_ids: Sequence[ObjectId]) -> dict[ObjectId, tuple[Payment, ...]]:
        """What Stripe says now of every payment that the orders are known to have."""
        known = {paid.id: (order_id, False) for order_id in order_ids for paid in self._till.of(order_id)}
        known |= {each.stripe_id: (each.order_id, each.returning) for each in self._books.attempts(order_ids)}
        found: dict[ObjectId, dict[str, Payment]] = defaultdict(dict)
        for stripe_id, (order_id, returning) in known.items():
            if payment := self._stripe.find(stripe_id, returning=returning):
                found[order_id][payment.id] = payment
        return {order_id: tuple(payments.values()) for order_id, payments in found.items()}

    def strays(self, order_ids: Sequence[ObjectId]) -> Mapping[ObjectId, list[Violation]]:
        """Payments that keep money for orders that do not exist."""
        lost = set(order_ids) - self._books.existing(order_ids)
        kept = {
            order_id: [each for each in found if each.kept] for order_id, found in self.payments(list(lost)).items()
        }
        return {order_id: [stray(order_id, payments)] for order_id, payments in kept.items() if payments}

    def undelivered(self, service: str, before: datetime, keys: Sequence[object]) -> Mapping[object, list[Violation]]:
        """Snapshots with news from `before` that are still not acknowledged."""
        found = self._books.undelivered(before, service, keys)
        return {each["_id"]: [unsaid(service, each["_id"], before)] for each in found}


def stray(order_id: ObjectId, payments: Sequence[Payment]) -> Violation:
    """Money for an order that does not exist."""
    cents = sum(each.kept for each in payments)
    sentence = f"Stripe keeps {cents} cents for an order that does not exist."
    return Violation(
        "payment_without_order", sentence, (*(payment_name(each.id) for each in payments), order_name(order_id))
    )


def unsaid(service: str, key: object, before: datetime) -> Violation:
    """News that somebody should have heard by now."""
    sentence = f"It has had news since before {before:%Y-%m-%d %H:%M:%S} UTC that has not been delivered."
    return Violation("undelivered", sentence, (f"{service}/{key}",))
