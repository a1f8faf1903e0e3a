"""What table and page say of a sale in the same words. Pure."""

from collections.abc import Iterator
from datetime import UTC

from cluster.audit.report import Report
from cluster.counted import counted
from cluster.sale.interrupted import Interrupted
from cluster.sale.sale import Sale

PACE = "Per second: from the first of its kind to the last, at least one second. Peak: in the busiest second."
"""Which seconds a rate is about."""

TROUBLES_MAX = 8
"""Causes that people are shown."""


def answers(sale: Sale) -> str:
    """How many answers came. Most of a sale may be pauses to think, so its length is told, and no rate over it."""
    peak, all_ = sale.figures.peak_of_answers(), counted(sum(sale.figures.answers()), "answer")
    return f"{all_} in {sale.seconds:.1f} s, pauses to think included; {peak:,} in the busiest second"


def occasion(sale: Sale) -> str:
    """Which sale it was: where and when it was held, and what its tickets are called."""
    when = f", {sale.started_at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if sale.started_at else ""
    return f"{sale.name or 'Flash sale'} at {sale.url}{when}"


def measures(sale: Sale) -> Iterator[tuple[str, str]]:
    """What became of the crowd as a whole, each with its name."""
    yield "asked again", f"{counted(sale.figures.repeats, 'time')}, under the same key"
    if sale.figures.troubles:
        yield "troubles", _troubles(sale)
    known = f"{counted(len(sale.broken), 'promise')} broken" if sale.is_compared else "not compared with what is stored"
    yield "journal", f"{counted(sale.promises, 'order')} acknowledged, {known}"
    if sale.unexpired:
        yield "still to expire", f"{counted(sale.unexpired, 'order')} left unpaid"
    if sale.unfinished:
        yield "unfinished", f"{counted(sale.unfinished, 'buyer')} not done in time"
    if sale.not_let_in:
        yield "not let in", f"{not_let_in(sale)}; the marketplace was not asked"


def _troubles(sale: Sale) -> str:
    """Why requests were sent again, or buyers counted as failed; the most frequent first."""
    most = sale.figures.troubles.most_common(TROUBLES_MAX)
    words = [f"{step} {cause} ({counted(times, 'time')})" for (step, cause), times in most]
    more = len(sale.figures.troubles) - len(most)
    return ", ".join([*words, f"and {more:,} more: see --json"] if more else words)


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
