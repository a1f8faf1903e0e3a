"""The sale for people: while it goes on, and in the end."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cluster.audit.report import Report
from cluster.audit.table import listed, render as audit_of
from cluster.counted import counted
from cluster.sale.figures import OUTCOMES, QUANTILES, quantile
from cluster.sale.result import is_good, not_audited
from cluster.sale.sale import Sale
from cluster.sale.sentences import PACE, answers, measures, occasion, verdict

MEANING = {
    "reserved": "got a ticket to pay for",
    "refused": "somebody else has it",
    "paid": "sales",
    "declined": "cards that Stripe declined",
    "late": "wanted to pay for an order whose time was over, or to give it back",
    "cancelled": "given back by their buyers",
    "expired": "not paid in time, back on sale",
    "failed": "no answer that tells anything, or a wrong one",
}


def live(sale: Sale) -> RenderableType:
    """The sale as it goes on: the last whole second, and the tickets."""
    if not sale.is_open:
        return Text(
            f"Listing {counted(sale.plan.tickets, 'ticket')}, signing in {counted(sale.plan.buyers, 'buyer')}: "
            f"{sale.seconds:.0f} s"
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
        parts += ["", listed(f"{counted(len(sale.broken), 'promise')} broken", sale.broken), ""]
    return Group(*parts, _verdict(sale, report))


def _outcomes(sale: Sale) -> Table:
    table = Table(title="What became of the buyers", title_justify="left", caption=PACE, pad_edge=False)
    table.caption_justify = "left"
    for column, justify in (("", "left"), ("in all", "right"), ("per second", "right"), ("peak second", "right")):
        table.add_column(column, justify=justify)  # type: ignore[arg-type]
    table.add_column("")
    for outcome in OUTCOMES:
        total, peak = sale.figures.total(outcome), sale.figures.peak(outcome)
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
    table.add_row("sale", f"{occasion(sale)}.")
    table.add_row("answers", f"{answers(sale)}.")
    for row in measures(sale):
        table.add_row(*row)
    for number, words in enumerate(sale.limits.words() if sale.limits else ()):
        table.add_row("" if number else "generator", words)
    return table


def _not_proven(sale: Sale) -> Text:
    api = "Only the API was asked. It shows each order to its buyer and each ticket's holder. Not proven:"
    words = "The books were not audited. Not proven:" if sale.has_books else api
    return Text("\n- ".join((words, *not_audited(sale))), style="yellow")


def _verdict(sale: Sale, report: Report | None) -> Text:
    return Text(verdict(sale, report), style="green" if is_good(sale, report) else "bold red")
