"""How long holds were promised, and how long they lasted. Pure; moments in seconds after the doors opened.

An order came into being between the moment it was asked for and the moment its buyer was told. MongoDB says how long it
was to last, so there no clock is compared with another machine's; the API says only when it expires.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from cluster.audit.facts import UNPAID
from cluster.sale.promise import Document, Promise

CLOCKS_DIFFER_MAX_S = 30.0
"""Where the API alone is asked: how far the clock that it showed at the beginning may be from the one it goes by."""

EARLY_MAX_S = 1.0
"""How much too early an order may end: the clocks of a marketplace's own machines differ too."""


class Span(NamedTuple):
    """From when to when a ticket was surely somebody's, by what he was told."""

    since_s: float
    until_s: float
    promise: Promise


def expires_s(promise: Promise, order: Document | None) -> tuple[float, float]:
    """The earliest and the latest moment at which it is to expire; `order` as it is stored, if that is known."""
    if order and "createdAt" in order:
        least_s = most_s = (promise.expires_at - order["createdAt"]).total_seconds()
    else:
        least_s = promise.left_s - CLOCKS_DIFFER_MAX_S
        most_s = promise.left_s + promise.told_s - promise.asked_s + CLOCKS_DIFFER_MAX_S
    return promise.asked_s + least_s - EARLY_MAX_S, promise.told_s + most_s


def kept_until_s(promise: Promise, order: Document | None) -> float:
    """Until when nobody may take the ticket from him: it expires, or he gives it back."""
    earliest_s, _ = expires_s(promise, order)
    return earliest_s if promise.gave_back_s is None else min(earliest_s, promise.gave_back_s)


def ended_early(promise: Promise, order: Document, read_s: float) -> str | None:
    """Whether it was over before its time; `order` was read by `read_s`."""
    seen_s = read_s if promise.ended_s is None and order["status"] == "cancelled" else promise.ended_s
    if seen_s is None or seen_s >= kept_until_s(promise, order):
        return None
    lasted_s = seen_s - promise.asked_s
    return f"It was over within {lasted_s:.0f} s, and its buyer had been promised it until {promise.expires_at}."


def overdue(promise: Promise, order: Document, read_s: float, grace_s: float) -> str | None:
    """Whether it is still unpaid long after its time; `order` was read at `read_s` or later."""
    _, latest_s = expires_s(promise, order)
    if order["status"] not in UNPAID or read_s <= latest_s + grace_s:
        return None
    return f"It is {order['status']} {read_s - latest_s:.0f} s after it should have been paid or released."


def span(promise: Promise, order: Document | None) -> Span:
    """When its ticket was his: until it might expire, and for good once he has paid."""
    until_s = kept_until_s(promise, order)
    if promise.paid_s is None:
        return Span(promise.told_s, until_s, promise)
    # Between the two its payment may have been under way, or it had expired and late money took it after all.
    since_s = promise.told_s if promise.paid_s <= until_s else promise.paid_s
    return Span(since_s, float("inf"), promise)


def overlapping(spans: Iterable[Span]) -> Iterator[tuple[Promise, Promise]]:
    """Each two to whom one ticket was promised for the same time; `spans` are those of one ticket."""
    longest: Span | None = None
    for each in sorted((each for each in spans if each.since_s < each.until_s), key=lambda each: each[:2]):
        if longest and each.since_s < longest.until_s:
            yield longest.promise, each.promise
        if longest is None or each.until_s > longest.until_s:
            longest = each
