"""Second looks: a few suspects, read afresh from MongoDB and from Stripe."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bson import ObjectId

from actors.runtime.clock import Clock
from cluster.audit.books import Books
from cluster.audit.facts import File, Order, Payment, Ticket
from cluster.audit.money_rules import is_returning, money, pending
from cluster.audit.rules import balance, violations
from cluster.audit.stripe_books import StripeBooks
from cluster.audit.till import Till
from cluster.audit.violation import Violation, order as order_name, payment as payment_name

ONE_DATABASE = "Or it is another database's order: one Stripe account, or sandbox, belongs to one database."


@dataclass(frozen=True, slots=True)
class Suspect:
    """A ticket with which something looks wrong."""

    ticket_id: ObjectId
    order_ids: tuple[ObjectId, ...]
    """Its orders, as they were found: by their ids they are read again at once."""

    granted: int | None = None
    """How many holds it had granted before those were looked for: what it grants later is not to be missed."""


class Looks:
    """Looks at suspects again; each look answers what is wrong with each of them now."""

    def __init__(self, books: Books, stripe: StripeBooks, till: Till, clock: Clock, grace: timedelta) -> None:
        """Read from `books` and `stripe`; `till` says which payments an order had at the first look."""
        self._books = books
        self._stripe = stripe
        self._till = till
        self._clock = clock
        self._grace = grace
        self.pending: Counter[str] = Counter()
        """Money on its way, of the tickets that turned out to be right."""

    def tickets(self, suspects: Sequence[Suspect]) -> Mapping[Suspect, list[Violation]]:
        """The rules of these tickets, their orders and their money."""
        found = {}
        for suspect, file in zip(suspects, self._with_money(self._files(suspects)), strict=True):
            found[suspect] = violations(file, self._clock.now(), self._grace)
            if not found[suspect]:  # nobody looks at it any more, so it is counted once
                self.pending.update(pending(file))
        return found

    def payments(self, order_ids: Iterable[ObjectId]) -> dict[ObjectId, tuple[Payment, ...]]:
        """What Stripe says now of every payment that the orders are known to have.

        Whose a payment is, it says itself: books that name another order's cannot prove two sales with one payment.
        """
        ids, now = list(order_ids), self._clock.now()
        attempts = {each.stripe_id: each for each in self._books.attempts(ids)}
        known = {paid.id for order_id in ids for paid in self._till.of(order_id)} | set(attempts)
        found: dict[ObjectId | None, dict[str, Payment]] = defaultdict(dict)
        for stripe_id, payment in self._stripe.find(sorted(known)).items():
            returning = stripe_id in attempts and is_returning(attempts[stripe_id], now)
            found[payment.order_id][payment.id] = replace(payment, returning=returning)
        return {order_id: tuple(found[order_id].values()) for order_id in ids}

    def strays(self, order_ids: Sequence[ObjectId]) -> Mapping[ObjectId, list[Violation]]:
        """Payments that keep money for orders that do not exist."""
        lost = set(order_ids) - self._books.existing(order_ids)
        kept = {order_id: [each for each in found if each.kept] for order_id, found in self.payments(lost).items()}
        return {order_id: [stray(order_id, payments)] for order_id, payments in kept.items() if payments}

    def undelivered(self, service: str, before: datetime, keys: Sequence[object]) -> Mapping[object, list[Violation]]:
        """Snapshots with news from `before` that are still not acknowledged."""
        found = self._books.undelivered(before, service, keys)
        return {each["_id"]: [unsaid(service, each["_id"], before)] for each in found}

    def _files(self, suspects: Sequence[Suspect]) -> list[File]:
        """Each ticket, the orders it was found with, and the order that holds it now."""
        tickets = {each.id: each for each in self._books.tickets([each.ticket_id for each in suspects])}
        wanted = {order_id for each in suspects for order_id in each.order_ids}
        wanted |= {each.hold.order_id for each in tickets.values() if each.hold}
        orders = {each.id: each for each in self._books.orders_again(list(wanted))}
        by_ticket = grouped(orders.values())
        return self._completed([_file(each, tickets.get(each.ticket_id), by_ticket, orders) for each in suspects])

    def _completed(self, files: Sequence[File]) -> list[File]:
        """The files; those that seem to lack orders, which may have been under way, with all that there are."""
        lacking = {each.ticket_id for each in files if any(balance(each))}
        if not lacking:
            return list(files)
        found = grouped(self._books.orders_for(list(lacking)))
        return [
            replace(each, orders=tuple(found.get(each.ticket_id, ()))) if each.ticket_id in lacking else each
            for each in files
        ]

    def _with_money(self, files: Sequence[File]) -> list[File]:
        """The files with their money: as it was listed where that is right, else as Stripe says now."""
        listed = [replace(each, payments=self._till.of_all(order.id for order in each.orders)) for each in files]
        asked = {order.id for each in listed if any(money(each)) for order in each.orders}
        if not asked:
            return listed
        fresh = self.payments(asked)
        return [replace(each, payments={**each.payments, **fresh}) for each in listed]


def grouped(orders: Iterable[Order]) -> Mapping[ObjectId, list[Order]]:
    """Orders by their tickets."""
    found: dict[ObjectId, list[Order]] = defaultdict(list)
    for each in orders:
        found[each.ticket_id].append(each)
    return found


def _file(
    suspect: Suspect,
    ticket: Ticket | None,
    by_ticket: Mapping[ObjectId, Sequence[Order]],
    orders: Mapping[ObjectId, Order],
) -> File:
    """A ticket with its own orders, and its holder where that is none of them."""
    holder = orders.get(ticket.hold.order_id) if ticket and ticket.hold else None
    stranger = holder if holder and holder.ticket_id != suspect.ticket_id else None
    mine = tuple(by_ticket.get(suspect.ticket_id, ()))
    return File(ticket_id=suspect.ticket_id, ticket=ticket, granted=suspect.granted, orders=mine, stranger=stranger)


def stray(order_id: ObjectId, payments: Sequence[Payment]) -> Violation:
    """Money for an order that does not exist."""
    cents = sum(each.kept for each in payments)
    sentence = f"Stripe keeps {cents} cents for an order that does not exist. {ONE_DATABASE}"
    return Violation(
        "payment_without_order", sentence, (*(payment_name(each.id) for each in payments), order_name(order_id))
    )


def unsaid(service: str, key: object, before: datetime) -> Violation:
    """News that somebody should have heard by now."""
    sentence = f"It has had news since before {before:%Y-%m-%d %H:%M:%S} UTC that has not been delivered."
    return Violation("undelivered", sentence, (f"{service}/{key}",))
