"""The rules of money: no sale without its money, no money without its sale. Pure."""

from collections.abc import Iterator
from typing import Literal

from cluster.audit.facts import UNPAID, File, Order, Payment
from cluster.audit.violation import Code, Violation, order as order_name, payment as payment_name

Pending = Literal["refund_under_way", "payment_under_way"]
"""What money may be in the middle of without anything being wrong."""


def money(file: File) -> Iterator[Violation]:
    """A sale keeps exactly its price, in one payment; an order that is over keeps nothing."""
    for order in file.orders:
        kept = [each for each in file.payments.get(order.id, ()) if each.kept and not each.returning]
        if order.payment == "refunding":
            continue
        if order.status == "complete":
            yield from _sale(order, kept)
        elif order.status == "cancelled" and kept:
            cents = sum(each.kept for each in kept)
            yield _about("money_kept", f"It is cancelled, and Stripe keeps {cents} cents of it.", order, kept)


def _sale(order: Order, kept: list[Payment]) -> Iterator[Violation]:
    if not kept:
        yield _about("sale_without_money", "It is complete, and Stripe keeps no money of it.", order, kept)
    elif len(kept) > 1:
        yield _about("paid_twice", f"It is complete, and {len(kept)} payments of it keep money.", order, kept)
    elif kept[0].kept != order.price:
        sentence = f"It costs {order.price} cents, and Stripe keeps {kept[0].kept}."
        yield _about("amount_differs", sentence, order, kept)


def pending(file: File) -> Iterator[Pending]:
    """Money of this ticket that is on its way, one word each."""
    for order in file.orders:
        mine = file.payments.get(order.id, ())
        if order.payment == "refunding" or any(each.returning for each in mine):
            yield "refund_under_way"
        elif order.status in UNPAID and any(each.kept for each in mine):
            # Stripe has the money and the order has not heard of it: were this to last, its hold would be overdue.
            yield "payment_under_way"


def _about(code: Code, sentence: str, order: Order, payments: list[Payment]) -> Violation:
    return Violation(code, sentence, (order_name(order.id), *(payment_name(each.id) for each in payments)))
