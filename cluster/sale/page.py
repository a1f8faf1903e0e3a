"""The sale as one HTML page: figures, plots, proof. It needs nothing but itself. Pure."""

from collections.abc import Sequence
from html import escape

from cluster.audit.counts import counts
from cluster.audit.report import Report
from cluster.audit.violation import Violation
from cluster.counted import counted
from cluster.sale.figures import OUTCOMES, QUANTILES
from cluster.sale.planned import planned
from cluster.sale.plots import COLOURS, plots
from cluster.sale.result import is_good, not_proven
from cluster.sale.sale import Sale
from cluster.sale.sentences import PACE, answers, measures, occasion, verdict
from cluster.sale.style import STYLE

SHOWN_MAX = 200
"""Violations on the page; --json has them all."""

Row = Sequence[str]


def page(sale: Sale, report: Report | None) -> str:
    """The whole page; no report: only the API was asked, or the audit could not be done."""
    plan = sale.plan
    title = f"Flash sale: {counted(plan.buyers, 'buyer')}, {counted(plan.tickets, 'ticket')}"
    body = "".join(
        (
            f"<header><div><h1>{title}</h1><p>{_summary(sale)}</p></div>{_badge(sale, report)}</header>",
            _tiles(sale),
            f'<div class="pair">{"".join(each.figure() for each in plots(sale))}</div>',
            f'<div class="pair">{_latencies(sale)}{_table("Proof", _proof(sale, report))}</div>',
            _violations([*(report.violations if report else ()), *sale.broken]),
        )
    )
    head = f'<meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title>'
    return f'<!doctype html><html lang="en"><head>{head}<style>{STYLE}</style></head><body>{body}</body></html>'


def _summary(sale: Sale) -> str:
    return "<br>".join(escape(f"{each}.") for each in (occasion(sale), planned(sale.plan), answers(sale)))


def _badge(sale: Sale, report: Report | None) -> str:
    if not is_good(sale, report):
        return '<span class="badge bad">Not good</span>'
    if report is None:
        return '<span class="badge partly">Nothing wrong, by the API alone</span>'
    return '<span class="badge good">Proven</span>'


def _tiles(sale: Sale) -> str:
    tiles = []
    for outcome in OUTCOMES:
        total, peak = sale.figures.total(outcome), sale.figures.peak(outcome)
        rates = f"<small>{sale.figures.pace(outcome):,.1f}/s</small><small>peak {peak:,}/s</small>"
        number = f"<b>{total:,}</b>{outcome}{rates}"
        tiles.append(f'<li style="border-color:{COLOURS[outcome]}">{number}</li>')
    return f'<ul class="tiles">{"".join(tiles)}</ul><p class="note"><small>{PACE}</small></p>'


def _latencies(sale: Sale) -> str:
    head = "".join(f'<th class="n">{name}</th>' for name in ("answers", *(f"p{share * 100:g}" for share in QUANTILES)))
    rows = []
    for step, values in sale.figures.steps.items():
        numbers = [f"{len(values):,}", *(f"{ms:,.0f}" for ms in sale.figures.percentiles(step).values())]
        cells = "".join(f'<td class="n">{each}</td>' for each in numbers)
        rows.append(f"<tr><th>{escape(step)}</th>{cells}</tr>")
    caption = "<caption>Latency <small>milliseconds, by step</small></caption>"
    return f"<table>{caption}<tr><th></th>{head}</tr>{''.join(rows)}</table>"


def _proof(sale: Sale, report: Report | None) -> list[Row]:
    rows: list[Row] = [("verdict", verdict(sale, report)), *measures(sale)]
    if report:
        rows += [(name, f"{count}: {words}" if words else count) for name, count, words in counts(report)]
        rows.append(("violations", f"{len(report.violations):,}"))
    rows += [("not proven", each) for each in not_proven(sale, report)]
    if sale.limits:
        rows.append(("generator", " ".join(sale.limits.words())))
    return rows


def _violations(found: Sequence[Violation]) -> str:
    rows: list[Row] = [(each.code, each.sentence, " ".join(each.documents_shown())) for each in found[:SHOWN_MAX]]
    if (more := len(found) - SHOWN_MAX) > 0:
        rows.append(("…", f"and {more:,} more: see --json", ""))
    return _table("Violations", rows, kind="rows") if rows else ""


def _table(caption: str, rows: Sequence[Row], kind: str = "") -> str:
    lines = []
    for name, *cells in rows:
        told = "".join(f"<td>{escape(cell)}</td>" for cell in cells)
        head = escape(name).replace("_", "_<wbr>")  # a code may break there, and a word nowhere
        lines.append(f"<tr><th>{head}</th>{told}</tr>")
    return f'<table class="{kind}"><caption>{escape(caption)}</caption>{"".join(lines)}</table>'
