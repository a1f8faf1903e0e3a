"""Line plots as SVG, to stand inside a page. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 720, 240
LEFT, RIGHT, TOP, BOTTOM = 56, 12, 12, 28
TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its name, its colour, and a value at each moment."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]
    """Seconds, value; ascending by seconds."""


def plot(title: str, unit: str, lines: Sequence[Line]) -> str:
    """The plot with its title, axes and legend, as one `figure`."""
    seconds = nice(max((x for line in lines for x, _ in line.points), default=1))
    top = nice(max((y for line in lines for _, y in line.points), default=1))
    drawn = "".join(_path(line, seconds, top) for line in lines)
    legend = "".join(f'<span><i style="background:{line.colour}"></i>{escape(line.name)}</span>' for line in lines)
    return (
        f'<figure><figcaption>{escape(title)} <small>{escape(unit)}</small></figcaption><p class="legend">{legend}</p>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
        f"{_axes(seconds, top)}{drawn}</svg></figure>"
    )


def nice(value: float) -> float:
    """The smallest of 1, 2, 5, 10, 20, 50, … that is at least `value`; 1 at least."""
    size = 1.0
    while True:
        for step in (1, 2, 5):
            if step * size >= value:
                return step * size
        size *= 10


def _x(second: float, seconds: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * second / seconds


def _y(value: float, top: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / top


def _axes(seconds: float, top: float) -> str:
    parts = []
    for n in range(TICKS + 1):
        y, value = _y(top * n / TICKS, top), top * n / TICKS
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
        x, moment = _x(seconds * n / TICKS, seconds), seconds * n / TICKS
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{moment:g} s</text>')
    return "".join(parts)


def _path(line: Line, seconds: float, top: float) -> str:
    points = " ".join(f"{_x(x, seconds):.1f},{_y(y, top):.1f}" for x, y in line.points)
    return f'<polyline fill="none" stroke="{line.colour}" stroke-width="2" points="{points}"/>'
