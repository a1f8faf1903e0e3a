"""The rules of money: no sale without its money, no money without its sale. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Literal

from cluster.audit.facts import UNPAID, Attempt, File, Order, Payment
from cluster.audit.violation import Code, Violation, order as order_name, payment as payment_name

Pending = Literal["refund_under_way", "payment_under_way"]
"""What money may be in the middle of without anything being wrong."""

REFUND_MAX = timedelta(days=3)
"""How long money may be on its way back: longer than any outage of Stripe."""

REFUNDS_MAX = 20
"""How often that may be tried. What fails is tried again ever later: with its pauses that takes as long."""

PAID = frozenset({"paid", "refunding"})
"""What a complete order may say of its payment: with any other word it would not be complete."""


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
            yield _about("money_kept", f"It is cancelled, and Stripe keeps {_cents(kept)} cents of it.", order, kept)
        if order.status == "complete":
            yield from _own_word(order, mine)


def _sale(order: Order, kept: list[Payment]) -> Iterator[Violation]:
    if not kept:
        yield _about("sale_without_money", "It is complete, and Stripe keeps no money of it.", order, kept)
    elif len(kept) > 1:
        yield _paid_twice(order, kept)
    elif kept[0].kept != order.price:
        sentence = f"It costs {order.price} cents, and Stripe keeps {kept[0].kept}."
        yield _about("amount_differs", sentence, order, kept)


def _own_word(order: Order, mine: Sequence[Payment]) -> Iterator[Violation]:
    """What a complete order says of its payment; `mine` is what Stripe says took money for it, kept or not."""
    if order.payment not in PAID:
        words = f"its payment is {order.payment}" if order.payment else "it knows of no payment"
        yield _about("payment_differs", f"It is complete, and {words}.", order, mine)
    elif mine and not _is_one_of(mine, order.stripe_id):
        sentence = f"It says that {order.stripe_id or 'nothing'} paid for it, which is none of its payments at Stripe."
        yield _about("payment_differs", sentence, order, mine)


def _is_one_of(mine: Sequence[Payment], stripe_id: str | None) -> bool:
    """Whether an id is one of theirs; Stripe lists no Checkout sessions, so theirs cannot be told."""
    return stripe_id is not None and (stripe_id.startswith("cs_") or any(each.id == stripe_id for each in mine))


def _refund(order: Order, kept: list[Payment], *, is_under_way: bool) -> Iterator[Violation]:
    """`kept` is what nobody gives back, or has tried to for too long; `is_under_way`: a refund still is."""
    if len(kept) > 1:
        yield _paid_twice(order, kept)
    elif kept:
        sentence = f"It was to be refunded, and Stripe keeps {_cents(kept)} cents that are not on their way back."
        yield _about("refund_overdue", sentence, order, kept)
    elif not is_under_way:
        # It waits for news that nobody has to tell any more, and its ticket with it.
        yield _about("refund_unheard", "Nobody refunds it any more, and it has not heard of that.", order, kept)


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
    return _about("paid_twice", f"It is {order.status}, and {len(kept)} payments of it keep money.", order, kept)


def _cents(payments: list[Payment]) -> int:
    return sum(each.kept for each in payments)


def _about(code: Code, sentence: str, order: Order, payments: Sequence[Payment]) -> Violation:
    return Violation(code, sentence, (order_name(order.id), *(payment_name(each.id) for each in payments)))
