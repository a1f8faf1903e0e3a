"""The rules of money: no sale without its money, no money without its sale. Pure."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Literal

from cluster.audit.facts import UNPAID, Attempt, File, Order, Payment
from cluster.audit.violation import Violation
from cluster.audit.word_rules import about, words

Pending = Literal["refund_under_way", "payment_under_way"]
"""What money may be in the middle of without anything being wrong."""

REFUND_MAX = timedelta(days=3)
"""How long money may be on its way back: longer than any outage of Stripe."""

REFUNDS_MAX = 20
"""How often that may be tried. What fails is tried again ever later: with its pauses that takes as long."""


def is_returning(attempt: Attempt, now: datetime) -> bool:
    """Whether the money of an attempt is on its way back, and may still be."""
    since = attempt.returning_since
    return since is not None and now < since + REFUND_MAX and attempt.refunds <= REFUNDS_MAX


def money(file: File) -> Iterator[Violation]:
    """A sale keeps exactly its price, in one payment; an order that is over, or refunded, keeps nothing."""
    for order in file.orders:
        mine = file.payments.get(order.id, ())
        kept = [each for each in mine if each.kept and not each.returning]
        if order.payment == "refunding":
            yield from _refund(order, kept, is_under_way=any(each.returning for each in mine))
        elif order.status == "complete":
            yield from _sale(order, kept)
        elif order.status == "cancelled" and kept:
            yield about("money_kept", f"It is cancelled, and Stripe keeps {_cents(kept)} cents of it.", order, kept)
        yield from words(order, mine)


def _sale(order: Order, kept: list[Payment]) -> Iterator[Violation]:
    if not kept:
        yield about("sale_without_money", "It is complete, and Stripe keeps no money of it.", order, kept)
    elif len(kept) > 1:
        yield _paid_twice(order, kept)
    elif kept[0].kept != order.price:
        sentence = f"It costs {order.price} cents, and Stripe keeps {kept[0].kept}."
        yield about("amount_differs", sentence, order, kept)


def _refund(order: Order, kept: list[Payment], *, is_under_way: bool) -> Iterator[Violation]:
    """`kept` is what nobody gives back, or has tried to for too long; `is_under_way`: a refund still is."""
    if len(kept) > 1:
        yield _paid_twice(order, kept)
    elif kept:
        sentence = f"It was to be refunded, and Stripe keeps {_cents(kept)} cents that are not on their way back."
        yield about("refund_overdue", sentence, order, kept)
    elif not is_under_way:
        # It waits for news that nobody has to tell any more, and its ticket with it.
        yield about("refund_unheard", "Nobody refunds it any more, and it has not heard of that.", order, kept)


def pending(file: File) -> Iterator[Pending]:
    """Money of this ticket that is on its way, one word each."""
    for order in file.orders:
        mine = file.payments.get(order.id, ())
        if order.payment == "refunding" or any(each.kept and each.returning for each in mine):
            yield "refund_under_way"
        elif order.status in UNPAID and any(each.kept for each in mine):
            # Stripe has the money and the order has not heard of it: were this to last, its hold would be overdue.
            yield "payment_under_way"


def _paid_twice(order: Order, kept: list[Payment]) -> Violation:
    return about("paid_twice", f"It is {order.status}, and {len(kept)} payments of it keep money.", order, kept)


def _cents(payments: list[Payment]) -> int:
    return sum(each.kept for each in payments)
