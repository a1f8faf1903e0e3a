"""What table and page say of a sale in the same words. Pure."""

from cluster.sale.sale import Sale

PACE = "Per second: from the first of its kind to the last, at least one second. Peak: in the busiest second."
"""Which seconds a rate is about."""


def journal(sale: Sale) -> str:
    """How many promises there were, and how many of them are broken, if anybody looked."""
    known = f"{len(sale.broken):,} promises broken" if sale.is_compared else "not compared with what is stored"
    return f"{sale.promises:,} orders acknowledged, {known}"


def answers(sale: Sale) -> str:
    """How many answers came. Most of a sale may be pauses to think, so its length is told, and no rate over it."""
    found = sale.figures.answers()
    peak = max(found, default=0)
    return f"{sum(found):,} answers in {sale.seconds:.1f} s, pauses to think included; {peak:,} in the busiest second"


def not_let_in(sale: Sale) -> str:
    """Whom this generator never sent to the marketplace: with more connections it would have."""
    return f"{sale.not_let_in:,} buyers were not let in by this generator in time (see --connections)"
