"""What an audit has found."""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from cluster.audit.facts import File
from cluster.audit.violation import Violation

VIOLATIONS_MAX = 10_000
"""With so many the audit ends: the proof has failed, and memory is bounded."""


@dataclass(kw_only=True)
class Report:
    """Counts and violations of one audit."""

    tickets: int = 0
    held: int = 0
    """Tickets that somebody holds and has not paid."""

    sold: int = 0
    orders: Counter[str] = field(default_factory=Counter)
    """Orders by status."""

    uncounted: int = 0
    """Tickets with orders of an earlier version, which did not count their holds: whether one got lost is not known."""

    payments: int = 0
    """Payments at Stripe that took money."""

    foreign: int = 0
    """Those of them that name no order: another shop's on the same account. They are not judged."""

    pending: Counter[str] = field(default_factory=Counter)
    """Money on its way: neither proven nor wrong yet."""

    looked_again: int = 0
    """What looked wrong at first."""

    violations: list[Violation] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def proven(self) -> bool:
        """Whether every rule holds."""
        return not self.violations

    @property
    def is_full(self) -> bool:
        """Whether there are so many violations that looking for more is pointless."""
        return len(self.violations) >= VIOLATIONS_MAX

    def count(self, file: File) -> None:
        """Add one ticket."""
        if file.ticket:
            self.tickets += 1
            self.sold += file.ticket.sold
            self.held += file.ticket.hold is not None and not file.ticket.sold
        self.uncounted += file.is_uncounted
        self.orders.update(each.status for each in file.orders)

    def as_json(self) -> dict[str, Any]:
        """The same for machines."""
        return {
            "proven": self.proven,
            "complete": not self.is_full,
            "seconds": round(self.seconds, 3),
            "tickets": {"all": self.tickets, "held": self.held, "sold": self.sold, "uncounted": self.uncounted},
            "orders": {"all": self.orders.total(), **self.orders},
            "payments": {"all": self.payments, "foreign": self.foreign},
            "pending": dict(self.pending),
            "looked_again": self.looked_again,
            "violations": [each.as_json() for each in self.violations],
        }
