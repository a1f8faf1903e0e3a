"""The audit for people: what was looked at, and what is wrong with it."""

from collections.abc import Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cluster.audit.counts import counts
from cluster.audit.report import Report
from cluster.audit.violation import Violation
from cluster.counted import counted

SHOWN_MAX = 50
"""Violations that are shown; --json has them all."""


def render(report: Report) -> RenderableType:
    """Everything an audit has found."""
    parts: list[RenderableType] = [_counts(report)]
    if report.violations:
        parts += ["", listed(counted(len(report.violations), "violation"), report.violations)]
    return Group(*parts, "", _verdict(report))


def _counts(report: Report) -> Table:
    table = Table(box=None, show_header=False, pad_edge=False)
    for row in counts(report):
        table.add_row(*row)
    return table


def listed(title: str, found: Sequence[Violation]) -> Group:
    """Each violation in a sentence, with its documents below it: no table, which would cut their ids in two."""
    lines = [line for each in found[:SHOWN_MAX] for line in _lines(each)]
    more = [Text(f"… and {len(found) - SHOWN_MAX:,} more: see --json")] if len(found) > SHOWN_MAX else []
    return Group(Text(title, style="bold red"), *lines, *more)


def _lines(violation: Violation) -> Iterator[Text]:
    yield Text.assemble((violation.code, "bold"), f": {violation.sentence}")
    for each in violation.documents_shown():
        # Whole even where the terminal is narrower: ids are copied and searched for.
        yield Text(f"    {each}", no_wrap=True, overflow="ignore")


def _verdict(report: Report) -> Text:
    if report.proven:
        judged = "every payment that names an order" if report.foreign else "every payment"
        words = ("Proven", "bold green"), f": nothing oversold, nothing lost, {judged} accounted for"
    elif report.is_full:
        words = ("Disproven", "bold red"), ": ended early, there are too many violations"
    else:
        words = ("Disproven", "bold red"), ""
    return Text.assemble(*words, f" ({report.seconds:.1f} s).")
