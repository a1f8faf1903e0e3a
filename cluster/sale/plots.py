"""What a sale looks like over time. Pure."""

from cluster.sale.figures import QUANTILES, TICK_S, Outcome, quantile
from cluster.sale.sale import Sale
from cluster.sale.svg import Plot, Series

COLOURS: dict[Outcome, str] = {
    "reserved": "#2f6db3",
    "refused": "#c3c8cf",
    "paid": "#2a9358",
    "declined": "#d9902f",
    "late": "#8a7a1f",
    "cancelled": "#8a63bd",
    "expired": "#c46a94",
    "failed": "#c0262d",
}
SHADES = ("#9cc0e6", "#4a83bd", "#123f6e")
STRETCHES_S = (TICK_S, 0.2, 0.5, 1, 2, 5, 10, 30, 60)
STRETCHES_MAX = 72
"""More bars than these nobody tells apart."""


def plots(sale: Sale) -> list[Plot]:
    """All of them."""
    seconds = max(sale.figures.length(TICK_S) * TICK_S, *(each.at_s for each in sale.stock), TICK_S)
    every_s = next((each for each in STRETCHES_S if seconds / each <= STRETCHES_MAX), STRETCHES_S[-1])
    seconds = max(seconds, sale.figures.length(every_s) * every_s)  # the last bar is as wide as the others
    return [
        _rates(sale, seconds, every_s, "Asking for a ticket, and all failures", ("reserved", "refused", "failed")),
        _rates(sale, seconds, every_s, "What buyers made of it", ("paid", "declined", "late", "cancelled", "expired")),
        _latency(sale, seconds, every_s),
        _stock(sale, seconds),
    ]


def _rates(sale: Sale, seconds: float, every_s: float, title: str, outcomes: tuple[Outcome, ...]) -> Plot:
    series = [
        Series(name, COLOURS[name], [(n * every_s, count / every_s) for n, count in enumerate(counts)])
        for name in outcomes
        if any(counts := sale.figures.series(name, every_s))
    ]
    unit = f"per second, in bars of {every_s:g} s"
    return Plot(title=title, unit=unit, shape="bars", series=series, seconds=seconds, bar_s=every_s)


def _latency(sale: Sale, seconds: float, every_s: float) -> Plot:
    found = [(n * every_s + every_s / 2, each) for n, each in enumerate(sale.figures.latency_series(every_s)) if each]
    series = [
        Series(f"p{share * 100:g}", shade, [(at_s, quantile(each, share)) for at_s, each in found])
        for share, shade in zip(QUANTILES, SHADES, strict=True)
    ]
    return Plot(title="Latency", unit="milliseconds, all answers", shape="lines", series=series, seconds=seconds)


def _stock(sale: Sale, seconds: float) -> Plot:
    looks = sale.stock
    series = [
        Series("sold", COLOURS["paid"], [(each.at_s, float(each.sold)) for each in looks]),
        Series("held", COLOURS["reserved"], [(each.at_s, float(each.held)) for each in looks]),
        Series("free", "#e4e7eb", [(each.at_s, float(each.free)) for each in looks]),
    ]
    breaks = {each.at_s for each in looks if each.is_after_gap}
    return Plot(title="Holds and sales", unit="tickets", shape="areas", series=series, seconds=seconds, breaks=breaks)
