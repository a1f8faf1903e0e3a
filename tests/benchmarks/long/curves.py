"""Curves over time as one SVG picture that stands alone. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from cluster.sale.scale import nice

WIDTH, PANEL = 760, 260
LEFT, RIGHT, TOP, BOTTOM = 56, 130, 36, 28
TICKS = 4
COLOURS = ("#1c2127", "#2563a8", "#1f8a4c", "#b26a00", "#7b4fb0", "#c0262d", "#6b7a1f", "#a8577e", "#8a8f98")
STYLE = "text{font:12px system-ui,sans-serif;fill:#59616b}.t{font-size:14px;fill:#1c2127}"

Points = Sequence[tuple[float, float]]
"""Seconds and value, ascending."""


@dataclass(frozen=True)
class Panel:
    """One plot of the picture: from zero, all lines on one scale."""

    title: str
    lines: Mapping[str, Points]


def picture(panels: Sequence[Panel]) -> str:
    """The panels below each other, on a light ground."""
    height = PANEL * len(panels)
    drawn = "".join(f'<g transform="translate(0 {PANEL * n})">{_panel(each)}</g>' for n, each in enumerate(panels))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" role="img">'
        f'<style>{STYLE}</style><rect width="{WIDTH}" height="{height}" fill="#ffffff"/>{drawn}</svg>\n'
    )


def _panel(panel: Panel) -> str:
    seconds = max(x for points in panel.lines.values() for x, _ in points)
    top = nice(max(y for points in panel.lines.values() for _, y in points))
    lines = [
        _line(name, points, COLOURS[n % len(COLOURS)], n, seconds, top)
        for n, (name, points) in enumerate(panel.lines.items())
    ]
    return f'<text class="t" x="{LEFT}" y="20">{escape(panel.title)}</text>{_axes(seconds, top)}{"".join(lines)}'


def _line(name: str, points: Points, colour: str, n: int, seconds: float, top: float) -> str:
    path = " ".join(f"{_x(x, seconds):.1f},{_y(y, top):.1f}" for x, y in points)
    return (
        f'<polyline fill="none" stroke="{colour}" stroke-width="2" points="{path}"/>'
        f'<text x="{WIDTH - RIGHT + 12}" y="{TOP + 8 + 18 * n}" style="fill:{colour}">{escape(name)}</text>'
    )


def _axes(seconds: float, top: float) -> str:
    parts = []
    for n in range(TICKS + 1):
        value, moment = top * n / TICKS, seconds * n / TICKS
        y, x = _y(value, top), _x(moment, seconds)
        parts.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="#e3e6ea"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
        parts.append(f'<text x="{x:.1f}" y="{PANEL - 8}" text-anchor="middle">{moment:.0f} s</text>')
    return "".join(parts)


def _x(second: float, seconds: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds


def _y(value: float, top: float) -> float:
    return PANEL - BOTTOM - (PANEL - TOP - BOTTOM) * value / top
