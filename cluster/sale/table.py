"""The sale for people: while it goes on, and in the end."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cluster.audit.report import Report
from cluster.audit.table import render as audit_of
from cluster.sale.figures import OUTCOMES, quantile
from cluster.sale.result import is_good
from cluster.sale.sale import Sale

MEANING = {
    "reserved": "got a ticket to pay for",
    "refused": "somebody else has it",
    "paid": "sales",
    "declined": "cards that Stripe declined",
    "late": "wanted to pay for an order whose time was over",
    "cancelled": "given back by their buyers",
    "expired": "not paid in time, back on sale",
    "failed": "no answer that tells anything, or a wrong one",
}


def live(sale: Sale) -> RenderableType:
    """The sale as it goes on: the last whole second, and the tickets."""
    figures, last = sale.figures, int(sale.seconds) - 1
    recent = sorted(figures.latencies.get(last, ()))
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("time", f"{sale.seconds:.0f} s")
    table.add_row(
        "answers", f"{len(recent):,}/s, p50 {quantile(recent, 0.5):.0f} ms, p99 {quantile(recent, 0.99):.0f} ms"
    )
    table.add_row("so far", ", ".join(f"{figures.total(outcome):,} {outcome}" for outcome in OUTCOMES))
    if sale.stock:
        now = sale.stock[-1]
        table.add_row("tickets", f"{now.free:,} left, {now.held:,} held, {now.sold:,} sold")
    return table


def render(sale: Sale, report: Report) -> RenderableType:
    """The whole sale and its proof."""
    parts: list[RenderableType] = [_outcomes(sale), "", _measures(sale), "", audit_of(report)]
    if sale.broken:
        parts += ["", _broken(sale)]
    return Group(*parts, _verdict(sale, report))


def _outcomes(sale: Sale) -> Table:
    table = Table(title="What became of the buyers", title_justify="left", pad_edge=False)
    for column, justify in (("", "left"), ("in all", "right"), ("per second", "right"), ("peak second", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    table.add_column("")
    for outcome in OUTCOMES:
        total, peak = sale.figures.total(outcome), max(sale.figures.series(outcome), default=0)
        rate = total / sale.seconds if sale.seconds else 0.0
        table.add_row(outcome, f"{total:,}", f"{rate:,.1f}", f"{peak:,}", MEANING[outcome])
    return table


def _measures(sale: Sale) -> Table:
    answers = sum(sale.figures.answers())
    latency = ", ".join(f"p{share * 100:g} {ms:,.0f} ms" for share, ms in sale.figures.percentiles().items())
    table = Table(box=None, show_header=False, pad_edge=False)
    rate = answers / sale.seconds if sale.seconds else 0.0
    table.add_row("answers", f"{answers:,} in {sale.seconds:.1f} s, {rate:,.0f} per second")
    table.add_row("latency", latency)
    table.add_row("asked again", f"{sale.figures.repeats:,} times, under the same key")
    table.add_row("journal", f"{sale.promises:,} orders acknowledged, {len(sale.broken):,} promises broken")
    if sale.unexpired:
        table.add_row("still to expire", f"{sale.unexpired:,} orders that were left unpaid")
    if sale.unfinished:
        table.add_row("unfinished", f"{sale.unfinished:,} buyers were not done in time")
    if limits := sale.limits:
        used = f"{limits.cpu:.0%} of a core, event loop late by {limits.lag_ms_p99:.0f} ms (p99)"
        waited = f"waited {limits.wait_ms_p99:,.0f} ms (p99) for a connection; machine {limits.machine_cpu:.0%} busy"
        table.add_row("generator", f"{used}, {waited}")
        table.add_row("", limits.sentence())
    return table


def _broken(sale: Sale) -> Table:
    table = Table(title="Promises broken", title_justify="left", title_style="bold red")
    for column in ("code", "what is wrong", "documents"):
        table.add_column(column, overflow="fold")
    for each in sale.broken[:50]:
        table.add_row(each.code, Text(each.sentence), Text("\n".join(each.documents)))
    return table


def _verdict(sale: Sale, report: Report) -> Text:
    if is_good(sale, report):
        return Text("Nothing that was acknowledged is lost.", style="green")
    reasons = [
        "the audit found violations" if not report.proven else "",
        "acknowledged answers were lost" if sale.broken else "",
        "some buyers got no answer" if sale.unfinished or sale.figures.total("failed") else "",
    ]
    return Text(f"Not good: {', '.join(filter(None, reasons))}.", style="bold red")
