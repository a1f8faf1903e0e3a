"""Documents that are wrong by themselves, or without the one that belongs to them: a payment's order, a timer."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from bson import ObjectId

from actors.contract import EXPIRATION
from actors.runtime.clock import Clock
from cluster.audit.batches import batches
from cluster.audit.books import BATCH, Books
from cluster.audit.facts import Account, Sale
from cluster.audit.status_rules import statuses_of
from cluster.audit.till import Till
from cluster.audit.violation import Violation, account as account_name, order as order_name, timer as timer_name
from cluster.audit.word_rules import takings


class Lone:
    """Finds them among all documents, and looks at some again. Each is read before what belongs to it."""

    def __init__(self, books: Books, till: Till, clock: Clock, grace: timedelta) -> None:
        """Read from `books`; `till` is what Stripe took, and `grace` how late a timer may start."""
        self._books = books
        self._till = till
        self._clock = clock
        self._grace = grace

    def payments(self) -> Iterator[ObjectId]:
        """All orders whose money's document looks wrong."""
        for some in batches(self._books.accounts(), BATCH):
            yield from self._judged(some)

    def payments_again(self, order_ids: Sequence[ObjectId]) -> Mapping[ObjectId, list[Violation]]:
        """What is wrong with these documents now."""
        return self._judged(list(self._books.accounts(order_ids)))

    def orders(self) -> Iterator[ObjectId]:
        """All orders that no timer seems to end."""
        for some in batches(self._books.unpaid(self._clock.now() - self._grace), BATCH):
            yield from self._untimed(some)

    def orders_again(self, order_ids: Sequence[ObjectId]) -> Mapping[ObjectId, list[Violation]]:
        """Those of these orders that no timer ends now."""
        unpaid = list(self._books.unpaid(self._clock.now() - self._grace, order_ids))
        return {each: [untimed(each)] for each in self._untimed(unpaid)}

    def sales(self) -> Iterator[ObjectId]:
        """All complete orders of whose money the payments service seems to know nothing."""
        for some in batches(self._books.complete(), BATCH):
            yield from self._unaccounted(some)

    def sales_again(self, order_ids: Sequence[ObjectId]) -> Mapping[ObjectId, list[Violation]]:
        """Those of these orders of whose money it knows nothing now."""
        complete = list(self._books.complete(order_ids))
        return {each: [unaccounted(each)] for each in self._unaccounted(complete)}

    def _judged(self, accounts: Sequence[Account]) -> dict[ObjectId, list[Violation]]:
        """An order is stored before it asks for its payment, and is never removed."""
        known = self._books.existing([each.order_id for each in accounts])
        found = {each.order_id: [*statuses_of(each), *self._takings(each)] for each in accounts}
        for order_id in set(found) - known:
            found[order_id].append(lost(order_id))
        return {order_id: violations for order_id, violations in found.items() if violations}

    def _takings(self, account: Account) -> Iterator[Violation]:
        return takings(account, self._till.of(account.order_id) if account.takings else ())

    def _untimed(self, unpaid: Sequence[ObjectId]) -> set[ObjectId]:
        """A timer is removed only when its order has ended, or was asked to end."""
        return set(unpaid) - self._books.existing(unpaid, EXPIRATION)

    def _unaccounted(self, complete: Sequence[Sale]) -> set[ObjectId]:
        """An order is complete by its payment's word, which is stored before it is said, and never removed."""
        accounts = self._books.accounts([each.order_id for each in complete])
        taken = {Sale(each.order_id, stripe_id) for each in accounts for stripe_id, _ in each.takings}
        return {each.order_id for each in set(complete) - taken}


def lost(order_id: ObjectId) -> Violation:
    """A payment that an order must have asked for."""
    sentence = "A payment was once asked for, and the order that asked does not exist."
    return Violation("order_lost", sentence, (order_name(order_id), account_name(order_id)))


def untimed(order_id: ObjectId) -> Violation:
    """A hold that would last for ever."""
    sentence = "It is not paid, and it has no timer that would ever end it."
    return Violation("order_without_timer", sentence, (order_name(order_id), timer_name(order_id)))


def unaccounted(order_id: ObjectId) -> Violation:
    """A sale that nobody could ever refund."""
    sentence = "It is complete, and the payments service does not know of its money, so that it cannot be refunded."
    return Violation("payment_lost", sentence, (order_name(order_id), account_name(order_id)))
