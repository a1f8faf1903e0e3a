"""The sale for people: while it goes on, and in the end."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cluster.audit.report import Report
from cluster.audit.table import listed, render as audit_of
from cluster.sale.figures import OUTCOMES, QUANTILES, quantile
from cluster.sale.interrupted import Interrupted
from cluster.sale.result import is_good, not_audited
from cluster.sale.sale import Sale
from cluster.sale.sentences import PACE, answers, journal, not_let_in

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
    if not sale.is_open:
        return Text(
            f"Listing {sale.plan.tickets:,} tickets, signing in {sale.plan.buyers:,} buyers: {sale.seconds:.0f} s"
        )
    figures = sale.figures
    recent = figures.recent(sale.seconds)
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


def render(sale: Sale, report: Report | None) -> RenderableType:
    """The whole sale and its proof."""
    parts: list[RenderableType] = [_outcomes(sale), "", _latencies(sale), "", _measures(sale), ""]
    parts.append(audit_of(report) if report else _not_proven(sale))
    if sale.broken:
        parts += ["", listed("promises broken", sale.broken), ""]
    return Group(*parts, _verdict(sale, report))


def _outcomes(sale: Sale) -> Table:
    table = Table(title="What became of the buyers", title_justify="left", caption=PACE, pad_edge=False)
    table.caption_justify = "left"
    for column, justify in (("", "left"), ("in all", "right"), ("per second", "right"), ("peak second", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    table.add_column("")
    for outcome in OUTCOMES:
        total, peak = sale.figures.total(outcome), max(sale.figures.series(outcome), default=0)
        table.add_row(outcome, f"{total:,}", f"{sale.figures.pace(outcome):,.1f}", f"{peak:,}", MEANING[outcome])
    return table


def _latencies(sale: Sale) -> Table:
    """A payment waits for Stripe, a refusal for nobody: each kind of answer by itself."""
    table = Table(title="Latency in milliseconds", title_justify="left", pad_edge=False)
    for column in ("", "answers", *(f"p{share * 100:g}" for share in QUANTILES)):
        table.add_column(column, justify="right" if column else "left")
    for step, values in sale.figures.steps.items():
        table.add_row(step, f"{len(values):,}", *(f"{ms:,.0f}" for ms in sale.figures.percentiles(step).values()))
    return table


def _measures(sale: Sale) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_row("answers", f"{answers(sale)}.")
    table.add_row("asked again", f"{sale.figures.repeats:,} times, under the same key")
    table.add_row("journal", journal(sale))
    if sale.unexpired:
        table.add_row("still to expire", f"{sale.unexpired:,} orders that were left unpaid")
    if sale.unfinished:
        table.add_row("unfinished", f"{sale.unfinished:,} buyers were not done in time")
    if sale.not_let_in:
        table.add_row("not let in", f"{not_let_in(sale)}; the marketplace was not asked")
    for number, words in enumerate(sale.limits.words() if sale.limits else ()):
        table.add_row("" if number else "generator", words)
    return table


def _not_proven(sale: Sale) -> Text:
    api = "Only the API was asked. It shows each order to its buyer and each ticket's holder. Not proven:"
    words = "The books were not audited. Not proven:" if sale.has_books else api
    return Text("\n- ".join((words, *not_audited(sale))), style="yellow")


def _verdict(sale: Sale, report: Report | None) -> Text:
    if is_good(sale, report):
        words = "Nothing that was acknowledged is lost"
        return Text(f"{words}." if report else f"{words}, as far as the API tells.", style="green")
    undone = "it was interrupted" if isinstance(sale.failure, Interrupted) else "the proof could not be done"
    reasons = [
        undone if sale.failure else "",
        "the audit found violations" if report and not report.proven else "",
        "promises were broken" if sale.broken else "",
        "some buyers got no answer" if sale.unfinished or sale.figures.total("failed") else "",
    ]
    return Text(f"Not good: {', '.join(filter(None, reasons))}.", style="bold red")
