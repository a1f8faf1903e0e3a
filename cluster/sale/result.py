"""A sale and its proof, for machines."""

from dataclasses import asdict
from typing import Any

from cluster.audit.report import Report
from cluster.counted import counted
from cluster.sale.figures import OUTCOMES
from cluster.sale.interrupted import Interrupted
from cluster.sale.lasting import CLOCKS_DIFFER_MAX_S
from cluster.sale.sale import Sale
from cluster.sale.sentences import not_let_in, reasons

NOT_PROVEN = (
    "Stripe's ledger was not read: that every payment is there, once and in full, and belongs to a sold ticket.",
    "MongoDB was not read: orders of which nobody was told, tickets of other sales, and news that is still under way.",
    f"Clocks were compared: that no order ended up to {CLOCKS_DIFFER_MAX_S:.0f} s before its time.",
)
"""What stays open where only the API was asked."""

NOT_AUDITED = (
    "No audit was done: that nothing was oversold, and that every payment is there, once and in full, and belongs to a "
    "sold ticket.",
)
"""What stays open where the books were given, and could not be audited."""


def not_proven(sale: Sale, report: Report | None) -> list[str]:
    """What this sale leaves open, each in a sentence."""
    return [*left_open(sale), *([] if report else not_audited(sale))]


def not_audited(sale: Sale) -> tuple[str, ...]:
    """What the audit would have proven."""
    return NOT_AUDITED if sale.has_books else NOT_PROVEN


def left_open(sale: Sale) -> list[str]:
    """What was not waited for, and who could not be heard, whoever else was asked."""
    left = [f"Nobody waited for {counted(sale.unexpired, 'order')} left unpaid: that they expire."]
    unread = [f"Nobody compared what was promised in {counted(sale.promises, 'order')} with what is stored."]
    outside = [f"{not_let_in(sale)}: what they would have been told."]
    unseen = [f"For {sale.unseen_s:.0f} s nobody saw the tickets: looks failed or took too long, the curve has gaps."]
    return [
        *([f"The proof could not be done: {sale.failure.sentence}"] if sale.failure else ()),
        *(unread if sale.promises and not sale.is_compared else ()),
        *(left if sale.unexpired else ()),
        *(outside if sale.not_let_in else ()),
        *(unseen if sale.unseen_s else ()),
        *(f"The API was not heard to the end: {each}" for each in sale.unheard),
    ]


def is_good(sale: Sale, report: Report | None) -> bool:
    """Whether every guarantee that was looked at held and whoever asked got an answer; no books: the API alone."""
    return not any(reasons(sale, report))


def as_json(sale: Sale, report: Report | None) -> dict[str, Any]:
    """Everything, with the figures second by second."""
    figures = sale.figures
    return {
        "good": is_good(sale, report),
        "name": sale.name,
        "url": sale.url,
        "started_at": sale.started_at.isoformat() if sale.started_at else None,
        "plan": asdict(sale.plan),
        "seconds": round(sale.seconds, 3),
        "interrupted": isinstance(sale.failure, Interrupted),
        "answers": sum(figures.answers()),
        "answers_in_peak_second": figures.peak_of_answers(),
        "totals": {outcome: figures.total(outcome) for outcome in OUTCOMES},
        "per_second_first_to_last": {outcome: round(figures.pace(outcome), 1) for outcome in OUTCOMES},
        "unfinished": sale.unfinished,
        "not_let_in": sale.not_let_in,
        "unexpired": sale.unexpired,
        "repeats": figures.repeats,
        "troubles": [
            {"step": step, "cause": cause, "times": times} for (step, cause), times in figures.troubles.most_common()
        ],
        "latency_ms": _latency(figures.percentiles()),
        "latency_ms_by_step": {step: _latency(figures.percentiles(step)) for step in figures.steps},
        "per_second": {outcome: figures.series(outcome) for outcome in OUTCOMES} | {"answers": figures.answers()},
        "stock": [asdict(each) for each in sale.stock],
        "generator": asdict(sale.limits) | {"bottleneck": sale.limits.bottleneck} if sale.limits else {},
        "journal": {
            "promises": sale.promises,
            "compared": sale.is_compared,
            "broken": [each.as_json() for each in sale.broken],
        },
        "audit": report.as_json() if report else None,
        "not_proven": not_proven(sale, report),
    }


def _latency(percentiles: dict[float, float]) -> dict[str, float]:
    return {f"p{share * 100:g}": round(value, 2) for share, value in percentiles.items()}
