"""The rules of words: what orders and the payments service say of money agrees with what Stripe says. Pure."""

from collections.abc import Iterator, Sequence

from cluster.audit.facts import Account, Order, Payment
from cluster.audit.violation import (
    Code,
    Violation,
    account as account_name,
    order as order_name,
    payment as payment_name,
)

PAID = frozenset({"paid", "refunding"})
"""What a complete order may say of its payment: with any other word it would not be complete."""

TAKEN = PAID | {"refunded"}
"""What any order says of a payment that took money."""


def words(order: Order, mine: Sequence[Payment]) -> Iterator[Violation]:
    """What an order says of its payment; `mine` is what Stripe says took money for it, kept or not."""
    if order.status == "complete":
        yield from _is_paid(order, mine)
    if order.payment in TAKEN:
        yield from _amount(order, mine)


def _is_paid(order: Order, mine: Sequence[Payment]) -> Iterator[Violation]:
    if order.payment not in PAID:
        claim = f"its payment is {order.payment}" if order.payment else "it knows of no payment"
        yield about("payment_differs", f"It is complete, and {claim}.", order, mine)
    elif mine and not _is_one_of(mine, order.stripe_id):
        sentence = f"It says that {order.stripe_id or 'nothing'} paid for it, which is none of its payments at Stripe."
        yield about("payment_differs", sentence, order, mine)


def _amount(order: Order, mine: Sequence[Payment]) -> Iterator[Violation]:
    """What an order says that its payment took is what Stripe took."""
    paid = _named(order.stripe_id, mine)
    if paid and paid.captured != order.amount:
        said = "nothing" if order.amount is None else f"{order.amount} cents"
        sentence = f"It says that {said} came for it, and Stripe took {paid.captured} cents."
        yield about("amount_differs", sentence, order, [paid])


def takings(account: Account, mine: Sequence[Payment]) -> Iterator[Violation]:
    """What the payments service keeps of every attempt that took money; what was not listed cannot be compared."""
    for stripe_id, cents in account.takings:
        paid = _named(stripe_id, mine)
        if paid and paid.captured != cents:
            sentence = f"It says that an attempt took {cents} cents, and Stripe took {paid.captured}."
            yield Violation("amount_differs", sentence, (account_name(account.order_id), payment_name(paid.id)))


def _named(stripe_id: str | None, mine: Sequence[Payment]) -> Payment | None:
    """The payment with this id. A Checkout session's has another one, so it can only be told where it is alone."""
    if stripe_id and stripe_id.startswith("cs_"):
        return mine[0] if len(mine) == 1 else None
    return next((each for each in mine if each.id == stripe_id), None)


def _is_one_of(mine: Sequence[Payment], stripe_id: str | None) -> bool:
    """Whether an id is one of theirs; Stripe lists no Checkout sessions, so theirs cannot be told."""
    return stripe_id is not None and (stripe_id.startswith("cs_") or any(each.id == stripe_id for each in mine))


def about(code: Code, sentence: str, order: Order, payments: Sequence[Payment]) -> Violation:
    """A violation in the words of an order and its payments."""
    return Violation(code, sentence, (order_name(order.id), *(payment_name(each.id) for each in payments)))
