"""The audit for people: what was looked at, and what is wrong with it."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cluster.audit.report import Report

SHOWN_MAX = 50
"""Violations in the table; --json has them all."""

PENDING = {"refund_under_way": "refunds under way", "payment_under_way": "payments under way"}


def render(report: Report) -> RenderableType:
    """Everything an audit has found."""
    parts: list[RenderableType] = [_counts(report)]
    if report.violations:
        parts += ["", _violations(report)]
    return Group(*parts, "", _verdict(report))


def _counts(report: Report) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    free = report.tickets - report.sold - report.held
    table.add_row("tickets", f"{report.tickets:,}", f"{report.sold:,} sold, {report.held:,} held, {free:,} free")
    orders = ", ".join(f"{count:,} {status}" for status, count in sorted(report.orders.items()))
    table.add_row("orders", f"{report.orders.total():,}", orders)
    foreign = f"{report.foreign:,} name no order and were not judged" if report.foreign else ""
    table.add_row("payments", f"{report.payments:,}", foreign)
    for word, count in sorted(report.pending.items()):
        table.add_row(PENDING.get(word, word), f"{count:,}", "neither proven nor wrong yet")
    table.add_row("looked at again", f"{report.looked_again:,}", "")
    return table


def _violations(report: Report) -> Table:
    table = Table(title=f"{len(report.violations):,} violations", title_justify="left", title_style="bold red")
    for column in ("code", "what is wrong", "documents"):
        table.add_column(column, overflow="fold")
    for each in report.violations[:SHOWN_MAX]:
        table.add_row(each.code, Text(each.sentence), Text("\n".join(each.documents)))
    if len(report.violations) > SHOWN_MAX:
        table.add_row("…", f"and {len(report.violations) - SHOWN_MAX:,} more: see --json", "")
    return table


def _verdict(report: Report) -> Text:
    if report.proven:
        words = ("Proven", "bold green"), ": nothing oversold, nothing lost, every payment accounted for"
    elif report.is_full:
        words = ("Disproven", "bold red"), ": ended early, there are too many violations"
    else:
        words = ("Disproven", "bold red"), ""
    return Text.assemble(*words, f" ({report.seconds:.1f} s).")
