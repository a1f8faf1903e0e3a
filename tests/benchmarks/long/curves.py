"""Curves over time as one SVG picture that stands alone; drawn as those of a flash sale's report are. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from cluster.sale.canvas import HEIGHT, LEFT, WIDTH, Canvas
from cluster.sale.svg import Series, line

HEAD, NAMES, ROW = 26, 110, 16
"""Room for a panel's title above it, and for the names of its lines beside it, one in a row."""

COLOURS = ("#1c2127", "#2563a8", "#1f8a4c", "#b26a00", "#7b4fb0", "#c0262d", "#6b7a1f", "#a8577e", "#8a8f98")
STYLE = "text{font:11px system-ui,sans-serif;fill:#59616b}.t{font-size:13px;fill:#1c2127}.grid{stroke:#e3e6ea}"

Points = Sequence[tuple[float, float]]
"""Seconds and value, ascending."""


@dataclass(frozen=True)
class Panel:
    """One plot of the picture: from zero, all lines on one scale."""

    title: str
    lines: Mapping[str, Points]


def picture(panels: Sequence[Panel]) -> str:
    """The panels below each other, on a light ground."""
    step, width = HEAD + HEIGHT, WIDTH + NAMES
    drawn = "".join(f'<g transform="translate(0 {step * n})">{_panel(each)}</g>' for n, each in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {step * len(panels)}" role="img">'
        f'<style>{STYLE}</style><rect width="100%" height="100%" fill="#ffffff"/>{drawn}</svg>\n'
    )


def _panel(panel: Panel) -> str:
    series = [Series(name, COLOURS[n % len(COLOURS)], each) for n, (name, each) in enumerate(panel.lines.items())]
    points = [point for each in series for point in each.points]
    canvas = Canvas(max(x for x, _ in points), max(y for _, y in points))
    drawn = "".join(line(canvas, each) + _name(each, n) for n, each in enumerate(series))
    title = f'<text class="t" x="{LEFT}" y="18">{escape(panel.title)}</text>'
    return f'{title}<g transform="translate(0 {HEAD})">{canvas.axes()}{drawn}</g>'


def _name(series: Series, number: int) -> str:
    return f'<text x="{WIDTH}" y="{ROW * (number + 1)}" style="fill:{series.colour}">{escape(series.name)}</text>'
