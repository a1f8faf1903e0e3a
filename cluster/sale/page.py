"""The sale as one HTML page: figures, plots, proof. It needs nothing but itself. Pure."""

from collections.abc import Sequence
from html import escape

from cluster.audit.report import Report
from cluster.audit.violation import Violation
from cluster.sale.figures import OUTCOMES, QUANTILES, Outcome
from cluster.sale.result import is_good
from cluster.sale.sale import Sale
from cluster.sale.svg import Line, plot

COLOURS: dict[Outcome, str] = {
    "reserved": "#2563a8",
    "refused": "#8a8f98",
    "paid": "#1f8a4c",
    "declined": "#b26a00",
    "late": "#6b7a1f",
    "cancelled": "#7b4fb0",
    "expired": "#a8577e",
    "failed": "#c0262d",
}
SHADES = ("#8bb4de", "#4a83bd", "#123f6e")
SHOWN_MAX = 200

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 760px; margin: 2rem auto; padding: 0 1rem; color: #1c2127; }
table { border-collapse: collapse; } td, th { padding: .15rem 1rem .15rem 0; text-align: left; vertical-align: top; }
td.n { text-align: right; font-variant-numeric: tabular-nums; } figure { margin: 2rem 0; } svg { width: 100%; }
svg text { font-size: 11px; fill: #59616b; } .grid { stroke: #e3e6ea; } figcaption { font-weight: 600; }
.legend { margin: .2rem 0; font-size: 14px; } .legend span { margin-right: 1rem; }
.legend i { display: inline-block; width: .8em; height: .8em; margin-right: .35em; border-radius: 2px; }
.good { color: #1f8a4c; } .bad { color: #c0262d; } small { color: #59616b; font-weight: 400; }
"""


def page(sale: Sale, report: Report) -> str:
    """The whole page."""
    plan = sale.plan
    word = ("good", "Proven") if is_good(sale, report) else ("bad", "Not good")
    title = f"Flash sale: {plan.buyers:,} buyers, {plan.tickets:,} tickets"
    parts = [
        f'<h1>{escape(title)}</h1><p class="{word[0]}"><strong>{word[1]}</strong></p>',
        _table(_facts(sale, report)),
        _throughput(sale),
        _latency(sale),
        _stock(sale),
        _violations([*report.violations, *sale.broken]),
    ]
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{escape(title)}</title>'
    return (
        f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{"".join(parts)}</body></html>'
    )


def _facts(sale: Sale, report: Report) -> list[tuple[str, str]]:
    figures, limits = sale.figures, sale.limits
    answers = sum(figures.answers())
    rate = answers / sale.seconds if sale.seconds else 0.0
    latency = ", ".join(f"p{share * 100:g} {ms:,.0f} ms" for share, ms in figures.percentiles().items())
    rows = [(str(outcome), f"{figures.total(outcome):,}") for outcome in OUTCOMES]
    rows += [("answers", f"{answers:,} in {sale.seconds:.1f} s, {rate:,.0f} per second"), ("latency", latency)]
    rows += [("violations", f"{len(report.violations):,} in {report.tickets:,} tickets")]
    rows += [("journal", f"{sale.promises:,} acknowledged, {len(sale.broken):,} broken")]
    if limits:
        rows += [("generator", f"{limits.cpu:.0%} of a core, late by {limits.lag_ms_p99:.0f} ms (p99)")]
        rows += [("", limits.sentence())]
    return rows


def _table(rows: Sequence[tuple[str, str]]) -> str:
    cells = "".join(f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows)
    return f"<table>{cells}</table>"


def _throughput(sale: Sale) -> str:
    lines = [
        Line(outcome, COLOURS[outcome], [(float(n), float(count)) for n, count in enumerate(series)])
        for outcome in OUTCOMES
        if any(series := sale.figures.series(outcome))
    ]
    return plot("Throughput", "answers per second, refusals apart from sales", lines)


def _latency(sale: Sale) -> str:
    answered = [second for second, count in enumerate(sale.figures.answers()) if count]
    lines = []
    for share, shade in zip(QUANTILES, SHADES, strict=True):
        series = sale.figures.percentile_series(share)
        lines.append(Line(f"p{share * 100:g}", shade, [(float(second), series[second]) for second in answered]))
    return plot("Latency", "milliseconds", lines)


def _stock(sale: Sale) -> str:
    looks = sale.stock
    return plot(
        "Tickets",
        "held and sold over time",
        [
            Line("free", "#8a8f98", [(each.at_s, float(each.free)) for each in looks]),
            Line("held", "#2563a8", [(each.at_s, float(each.held)) for each in looks]),
            Line("sold", "#1f8a4c", [(each.at_s, float(each.sold)) for each in looks]),
        ],
    )


def _violations(found: Sequence[Violation]) -> str:
    cells = [(each.code, each.sentence, " ".join(each.documents)) for each in found[:SHOWN_MAX]]
    rows = "".join(f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in cells)
    return f"<h2>Violations</h2><table>{rows}</table>" if rows else ""
