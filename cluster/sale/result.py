"""A sale and its proof, for machines."""

from dataclasses import asdict
from typing import Any

from cluster.audit.report import Report
from cluster.sale.figures import OUTCOMES
from cluster.sale.sale import Sale


def is_good(sale: Sale, report: Report) -> bool:
    """Whether every guarantee held and every buyer got an answer."""
    return report.proven and not sale.broken and not sale.unfinished and not sale.figures.total("failed")


def as_json(sale: Sale, report: Report) -> dict[str, Any]:
    """Everything, with the figures second by second."""
    figures = sale.figures
    answers = sum(figures.answers())
    return {
        "good": is_good(sale, report),
        "plan": asdict(sale.plan),
        "seconds": round(sale.seconds, 3),
        "answers": answers,
        "answers_per_s": round(answers / sale.seconds, 1) if sale.seconds else 0.0,
        "totals": {outcome: figures.total(outcome) for outcome in OUTCOMES},
        "unfinished": sale.unfinished,
        "unexpired": sale.unexpired,
        "repeats": figures.repeats,
        "latency_ms": {f"p{share * 100:g}": round(value, 2) for share, value in figures.percentiles().items()},
        "per_second": {outcome: figures.series(outcome) for outcome in OUTCOMES} | {"answers": figures.answers()},
        "stock": [asdict(each) for each in sale.stock],
        "generator": asdict(sale.limits) | {"bottleneck": sale.limits.bottleneck} if sale.limits else {},
        "journal": {"promises": sale.promises, "broken": [each.as_json() for each in sale.broken]},
        "audit": report.as_json(),
    }
