"""What an audit has looked at, row by row: the same for terminal and page. Pure."""

from collections.abc import Iterator

from cluster.audit.report import Report

PENDING = {"refund_under_way": "refunds under way", "payment_under_way": "payments under way"}


def counts(report: Report) -> Iterator[tuple[str, str, str]]:
    """What was counted, how many there are, and what more there is to say of them."""
    free = report.tickets - report.sold - report.held
    yield "tickets", f"{report.tickets:,}", f"{report.sold:,} sold, {report.held:,} held, {free:,} free"
    if report.uncounted:
        words = "have orders of an earlier version: whether others got lost is not known"
        yield "not counted", f"{report.uncounted:,}", words
    orders = ", ".join(f"{count:,} {status}" for status, count in sorted(report.orders.items()))
    yield "orders", f"{report.orders.total():,}", orders
    foreign = f"{report.foreign:,} name no order and were not judged" if report.foreign else ""
    yield "payments", f"{report.payments:,}", foreign
    for word, count in sorted(report.pending.items()):
        yield PENDING.get(word, word), f"{count:,}", "neither proven nor wrong yet"
    yield "looked at again", f"{report.looked_again:,}", ""
