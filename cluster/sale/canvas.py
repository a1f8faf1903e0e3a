"""Where a plot's seconds and values lie on its SVG, and its axes. Pure."""

from dataclasses import dataclass

from cluster.sale.scale import ticks

WIDTH, HEIGHT = 460, 210
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 10, 24
ROWS_MAX, COLUMNS_MAX = 4, 8


@dataclass(frozen=True, slots=True)
class Canvas:
    """A plot from 0 to `seconds`, and from 0 to a round number that is at least `top`."""

    seconds: float
    top: float

    def x(self, second: float) -> float:
        """From left to right."""
        return LEFT + (WIDTH - LEFT - RIGHT) * second / (self.seconds or 1.0)

    def y(self, value: float) -> float:
        """From the bottom upwards."""
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * value / ticks(self.top, ROWS_MAX)[-1]

    def axes(self) -> str:
        """Lines across for values, words below for seconds."""
        parts = []
        for value in ticks(self.top, ROWS_MAX):
            y = self.y(value)
            parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
            parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,.10g}</text>')
        for moment in ticks(self.seconds or 1.0, COLUMNS_MAX):
            if moment <= (self.seconds or 1.0):
                x = self.x(moment)
                parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 7}" text-anchor="middle">{moment:g} s</text>')
        return "".join(parts)
