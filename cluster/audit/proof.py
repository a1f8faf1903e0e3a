"""The proof itself: everything is read once, and what looks wrong is looked at again."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from bson import ObjectId

from actors.contract import SERVICES
from actors.runtime.clock import Clock
from cluster.audit.batches import batches
from cluster.audit.books import Books
from cluster.audit.facts import File
from cluster.audit.lone import Lone
from cluster.audit.looks import Looks, Suspect
from cluster.audit.money_rules import pending
from cluster.audit.pairing import paired
from cluster.audit.progress import Progress
from cluster.audit.report import Report
from cluster.audit.rules import violations
from cluster.audit.settling import K, Look, Patience
from cluster.audit.spool import spooled
from cluster.audit.stripe_books import StripeBooks
from cluster.audit.till import Till

SUSPECTS_MAX = 1_000
"""So many suspects are looked at again together."""

PROGRESS_EVERY = 500


class Proof:
    """One audit."""

    def __init__(
        self,
        books: Books,
        stripe: StripeBooks,
        till: Till,
        *,
        clock: Clock,
        grace: timedelta,
        patience: Patience,
        progress: Progress,
    ) -> None:
        """Compare `books` with `stripe`; `grace` is how late an expiry or a delivery may be."""
        self._books = books
        self._stripe = stripe
        self._till = till
        self._clock = clock
        self._grace = grace
        self._patience = patience
        self._progress = progress
        self._looks = Looks(books, stripe, till, clock, grace)
        self._lone = Lone(books, till, clock, grace)
        self._report = Report()

    def run(self) -> Report:
        """Read everything once.

        Raises:
            pymongo.errors.PyMongoError: the database could not be read.
            stripe.StripeError: Stripe could not be asked.
            ForeignDocument: a document is none of ours.
        """
        started = self._clock.now()
        # The money first: what is sold after it was listed is looked up again, one by one.
        self._till.put(self._told("payments", self._stripe.payments()))
        self._report.payments, self._report.foreign = self._till.count()
        self._settle(self._suspicious_tickets(), self._looks.tickets)
        self._report.pending += self._looks.pending
        self._settle(self._suspicious_payments(), self._looks.strays)
        self._settle(self._lone.payments(), self._lone.payments_again)
        self._settle(self._lone.orders(), self._lone.orders_again)
        self._settle(self._lone.sales(), self._lone.sales_again)
        for service in SERVICES:
            self._settle_news(service)
        self._report.seconds = (self._clock.now() - started).total_seconds()
        return self._report

    def _suspicious_tickets(self) -> Iterator[Suspect]:
        # Tickets first, all of them: then none has granted a hold of which the orders, read later, know nothing.
        tickets = spooled(self._told("tickets", self._books.tickets()))
        for ticket_id, ticket, orders in paired(tickets, self._books.orders()):
            money = self._till.of_all(order.id for order in orders)
            file = File(ticket_id=ticket_id, ticket=ticket, orders=orders, payments=money)
            self._report.count(file)
            if violations(file, self._clock.now(), self._grace):
                yield Suspect(ticket_id, tuple(order.id for order in orders), ticket.holds if ticket else None)
            else:
                self._report.pending.update(pending(file))

    def _suspicious_payments(self) -> Iterator[ObjectId]:
        for order_ids in self._till.orders():
            yield from set(order_ids) - self._books.existing(order_ids)

    def _settle_news(self, service: str) -> None:
        before = self._clock.now() - self._grace
        suspects = (each["_id"] for each in self._books.undelivered(before, service))
        self._settle(suspects, lambda keys: self._looks.undelivered(service, before, keys))

    def _settle(self, suspects: Iterable[K], look: Look[K]) -> None:
        """Look at suspects again, many at a time, and keep what stays wrong; once there is too much, look no more."""
        if self._report.is_full:
            return
        # All of them are found first: a cursor that waited for second looks would be dead after MongoDB's ten minutes.
        for batch in batches(spooled(suspects), SUSPECTS_MAX):
            self._report.looked_again += len(batch)
            self._progress("looking again", self._report.looked_again)
            self._report.violations += self._patience.settle(batch, look)
            if self._report.is_full:
                return

    def _told(self, what: str, things: Iterable[K]) -> Iterator[K]:
        """The same things, telling the progress every now and then."""
        count = 0
        for count, each in enumerate(things, 1):
            if count % PROGRESS_EVERY == 0:
                self._progress(what, count)
            yield each
        self._progress(what, count)
