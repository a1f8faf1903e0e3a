"""The table as a picture: for each line ours as a multiple of the other's, with what must be reached. Pure."""

from collections.abc import Sequence
from html import escape

from tests.benchmarks.targets import UNITS, Row

WIDTH, ROW, LEFT, RIGHT, TOP, BAR = 800, 44, 280, 150, 34, 18
COLOURS = {"aim": "#1f8a4c", "must": "#2563a8", "missed": "#c0262d"}
STYLE = "text{font:13px system-ui,sans-serif;fill:#1c2127}.s{fill:#59616b;font-size:12px}"


def picture(rows: Sequence[Row]) -> str:
    """The picture as SVG; it brings its own light ground."""
    height = TOP + ROW * len(rows) + 12
    most = max(value for row in rows for value in (row.ratio, row.target.aim)) * 1.05
    drawn = "".join(_row(row, TOP + ROW * n, most) for n, row in enumerate(rows))
    one = _x(1, most)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img" '
        f'aria-label="Speed against the peer"><style>{STYLE}</style><rect width="{WIDTH}" height="{height}" '
        f'fill="#ffffff"/><text class="s" x="{one:.0f}" y="20" text-anchor="middle">as the other</text>'
        f'<line x1="{one:.0f}" x2="{one:.0f}" y1="{TOP - 8}" y2="{height - 8}" stroke="#8a8f98"/>{drawn}</svg>\n'
    )


def _row(row: Row, top: float, most: float) -> str:
    target, unit = row.target, UNITS[row.target.figure]
    figures = f"{row.ours:,.0f} : {row.other:,.0f} {unit}" if row.keeps_up else "not both kept up"
    length = _x(row.ratio if row.keeps_up else 0, most) - LEFT
    less = " (less is better)" if target.less_is_better else ""
    marks = "".join(_mark(value, name, top, most) for name, value in (("must", target.must), ("aim", target.aim)))
    return (
        f'<text x="8" y="{top + 13}">{escape(target.title)}</text>'
        f'<text class="s" x="8" y="{top + 28}">against the {target.against}{less}</text>'
        f'<rect x="{LEFT}" y="{top}" width="{length:.1f}" height="{BAR}" fill="{COLOURS[row.verdict]}"/>{marks}'
        f'<text x="{WIDTH - 8}" y="{top + 13}" text-anchor="end">{figures}</text>'
    )


def _mark(value: float, name: str, top: float, most: float) -> str:
    x = _x(value, most)
    return (
        f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{top - 3}" y2="{top + BAR + 3}" stroke="#1c2127" stroke-width="2"/>'
        f'<text class="s" x="{x:.1f}" y="{top + BAR + 14}" text-anchor="middle">{name}</text>'
    )


def _x(ratio: float, most: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * ratio / most
