"""What table and page say of a sale in the same words. Pure."""

from collections.abc import Iterator

from cluster.audit.report import Report
from cluster.counted import counted
from cluster.sale.interrupted import Interrupted
from cluster.sale.sale import Sale

PACE = "Per second: from the first of its kind to the last, at least one second. Peak: in the busiest second."
"""Which seconds a rate is about."""


def answers(sale: Sale) -> str:
    """How many answers came. Most of a sale may be pauses to think, so its length is told, and no rate over it."""
    found = sale.figures.answers()
    peak, all_ = max(found, default=0), counted(sum(found), "answer")
    return f"{all_} in {sale.seconds:.1f} s, pauses to think included; {peak:,} in the busiest second"


def measures(sale: Sale) -> Iterator[tuple[str, str]]:
    """What became of the crowd as a whole, each with its name."""
    yield "asked again", f"{counted(sale.figures.repeats, 'time')}, under the same key"
    known = f"{counted(len(sale.broken), 'promise')} broken" if sale.is_compared else "not compared with what is stored"
    yield "journal", f"{counted(sale.promises, 'order')} acknowledged, {known}"
    if sale.unexpired:
        yield "still to expire", f"{counted(sale.unexpired, 'order')} left unpaid"
    if sale.unfinished:
        yield "unfinished", f"{counted(sale.unfinished, 'buyer')} not done in time"
    if sale.not_let_in:
        yield "not let in", f"{not_let_in(sale)}; the marketplace was not asked"


def not_let_in(sale: Sale) -> str:
    """Whom this generator never sent to the marketplace: with more connections it would have."""
    return f"{counted(sale.not_let_in, 'buyer')} not let in by this generator in time (see --connections)"


def verdict(sale: Sale, report: Report | None) -> str:
    """Whether all was good, or why not."""
    if why := [*reasons(sale, report)]:
        return f"Not good: {', '.join(why)}."
    words = "Nothing that was acknowledged is lost"
    return f"{words}." if report else f"{words}, as far as the API tells."


def reasons(sale: Sale, report: Report | None) -> Iterator[str]:
    """Why a sale was not good; none where every guarantee that was looked at held and whoever asked got an answer."""
    if sale.failure:
        yield "it was interrupted" if isinstance(sale.failure, Interrupted) else "the proof could not be done"
    elif report is None and sale.has_books:
        yield "its books were not audited"
    if report and not report.proven:
        yield "the audit found violations"
    if sale.broken:
        yield "promises were broken"
    if sale.unfinished or sale.figures.total("failed"):
        yield "some buyers got no answer"
