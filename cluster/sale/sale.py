"""What has become of a sale."""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise

from cluster.audit.violation import Violation
from cluster.local.errors import ProofError
from cluster.sale.figures import Figures
from cluster.sale.meter import Limits
from cluster.sale.plan import Plan
from cluster.sale.stock import Stock


@dataclass(kw_only=True)
class Sale:
    """What has become of a sale so far, and in the end."""

    plan: Plan
    url: str
    """Where it is held, fit to be shown."""

    name: str = ""
    """With it the titles of its tickets begin."""

    started_at: datetime | None = None
    """When the doors opened, by this machine's clock."""

    figures: Figures = field(default_factory=Figures)
    stock: list[Stock] = field(default_factory=list)
    unfinished: int = 0
    """Buyers who had asked and were not done at the deadline."""

    not_let_in: int = 0
    """Buyers whose first request the generator itself had not sent by then: no failure of the marketplace."""

    unexpired: int = 0
    """Abandoned orders that had not ended by then, and were not overdue either."""

    unheard: list[str] = field(default_factory=list)
    """Why the API, beside MongoDB, could not be heard to the end."""

    has_books: bool = False
    """Its database and its Stripe account were given, and are to be audited; else only the API is asked."""

    failure: ProofError | None = None
    """What kept the proof from being done, once everybody had come and gone, or who interrupted it."""

    is_open: bool = False
    """The doors are open; before that, tickets are listed and people signed in."""

    seconds: float = 0.0
    """Since the doors opened; in the end `took_s`."""

    took_s: float | None = None
    """Until the last buyer was done, or it was interrupted; waiting for expiries is no part of the sale."""

    limits: Limits | None = None
    promises: int = 0
    is_compared: bool = False
    """What buyers were told was compared with what is stored: else nobody knows what is `broken`."""

    broken: list[Violation] = field(default_factory=list)
    """Promises that are not kept; where only the API was asked, tickets with a wrong holder too."""

    @property
    def unseen_s(self) -> float:
        """For how many seconds MongoDB, or the API alone, did not say what had become of the tickets."""
        return sum(each.at_s - last.at_s for last, each in pairwise(self.stock) if each.is_after_gap)
