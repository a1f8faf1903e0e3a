"""Plots over time as SVG, to stand inside a page. Pure."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise
from typing import Literal, NamedTuple

from cluster.sale.canvas import HEIGHT, WIDTH, Canvas

GAP = 0.15
"""Share of a bar's width that is left free."""

ALONE_S = 0.5
"""How wide a moment is drawn that has no neighbour: by itself it would have no width."""

Shape = Literal["bars", "areas", "lines"]


@dataclass(frozen=True, slots=True)
class Series:
    """A name, a colour, and points: seconds, ascending, and values."""

    name: str
    colour: str
    points: Sequence[tuple[float, float]]


class Band(NamedTuple):
    """From where to where an area reaches at one moment."""

    x: float
    bottom: float
    top: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """What to draw. Bars and areas stand on those of the series before, which must have the same moments."""

    title: str
    unit: str
    shape: Shape
    series: Sequence[Series]
    seconds: float
    """Where the axis of time ends."""

    bar_s: float = 1.0
    """How many seconds a bar is wide."""

    breaks: Collection[float] = ()
    """Moments before which an area has a hole: nobody knows what was."""

    def figure(self) -> str:
        """The plot with its title, legend and axes."""
        legend = "".join(f'<span><i style="background:{s.colour}"></i>{escape(s.name)}</span>' for s in self.series)
        return (
            f"<figure><figcaption>{escape(self.title)} <small>{escape(self.unit)}</small></figcaption>"
            f'<p class="legend">{legend}</p><svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" '
            f'aria-label="{escape(self.title)}">{self._drawn()}</svg></figure>'
        )

    def _drawn(self) -> str:
        layers = [(each, self._base(n)) for n, each in enumerate(self.series)]
        tops = [base + value for each, bases in layers for (_, value), base in zip(each.points, bases, strict=True)]
        canvas = Canvas(self.seconds, max(tops, default=0.0))
        return canvas.axes() + "".join(self._mark(canvas, each, bases) for each, bases in layers)

    def _base(self, number: int) -> list[float]:
        """The heights on which a series stands."""
        below = self.series[:number] if self.shape != "lines" else ()
        return [sum(each.points[n][1] for each in below) for n in range(len(self.series[number].points))]

    def _mark(self, canvas: Canvas, series: Series, bases: Sequence[float]) -> str:
        match self.shape:
            case "lines":
                return line(canvas, series)
            case "areas":
                return area(canvas, series, bases, self.breaks)
            case "bars":
                return bars(canvas, series, bases, self.bar_s)


def line(canvas: Canvas, series: Series) -> str:
    """One line, with a dot for each point."""
    points = " ".join(f"{canvas.x(x):.1f},{canvas.y(y):.1f}" for x, y in series.points)
    dots = "".join(f'<circle cx="{canvas.x(x):.1f}" cy="{canvas.y(y):.1f}" r="1.8"/>' for x, y in series.points)
    drawn = f'<polyline fill="none" stroke="{series.colour}" stroke-width="1.5" points="{points}"/>'
    return f'{drawn}<g fill="{series.colour}">{dots}</g>'


def area(canvas: Canvas, series: Series, bases: Sequence[float], breaks: Collection[float] = ()) -> str:
    """What lies between a line and the one below, with a hole before each point that is among `breaks`."""
    bands = [Band(x, base, base + y) for (x, y), base in zip(series.points, bases, strict=True)]
    begins = [0, *(n for n, each in enumerate(bands) if n and each.x in breaks), len(bands)]
    return "".join(polygon(canvas, series.colour, bands[since:until]) for since, until in pairwise(begins))


def polygon(canvas: Canvas, colour: str, bands: Sequence[Band]) -> str:
    """One stretch of an area."""
    if len(bands) == 1:
        bands = [bands[0], bands[0]._replace(x=bands[0].x + ALONE_S)]
    corners = [(each.x, each.top) for each in bands] + [(each.x, each.bottom) for each in reversed(bands)]
    points = " ".join(f"{canvas.x(x):.1f},{canvas.y(y):.1f}" for x, y in corners)
    return f'<polygon fill="{colour}" points="{points}"/>'


def bars(canvas: Canvas, series: Series, bases: Sequence[float], width_s: float) -> str:
    """One bar for each value that is not 0."""
    width = (canvas.x(width_s) - canvas.x(0)) * (1 - GAP)
    drawn = [
        f'<rect x="{canvas.x(x):.1f}" width="{width:.1f}" y="{canvas.y(base + y):.1f}" '
        f'height="{canvas.y(base) - canvas.y(base + y):.1f}"/>'
        for (x, y), base in zip(series.points, bases, strict=True)
        if y
    ]
    return f'<g fill="{series.colour}">{"".join(drawn)}</g>'
