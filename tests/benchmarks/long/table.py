"""The figures for people."""

from collections.abc import Sequence

from rich.table import Table

from tests.benchmarks.long.figure import Figure


def render(figures: Sequence[Figure]) -> Table:
    """One row a figure: what it is, what it must be, what it should be."""
    table = Table(box=None, pad_edge=False)
    table.add_column("what", overflow="fold")
    for column in ("measured", "must", "aim"):
        table.add_column(column, justify="right", no_wrap=True)
    table.add_column("")
    for each in figures:
        what = f"{each.what}\n[dim]{each.note}[/dim]" if each.note else each.what
        table.add_row(what, shown(each.value, each.unit), *_bounds(each), _verdict(each))
    return table


def shown(value: float, unit: str) -> str:
    """A figure with its unit, to three digits or so."""
    return f"{value:,.0f} {unit}" if abs(value) >= 100 else f"{value:,.2f} {unit}"


def _bounds(figure: Figure) -> list[str]:
    return ["" if bound is None else shown(bound, figure.unit) for bound in (figure.must, figure.aim)]


def _verdict(figure: Figure) -> str:
    if figure.must is None:
        return ""
    if not figure.is_met:
        return "[red]missed[/red]"
    return "[green]aim reached[/green]" if figure.is_aim_met else "[yellow]met[/yellow]"
