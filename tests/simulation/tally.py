"""What a whole run has seen: how many schedules, and how many of each fault."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from .faults import KINDS
from .schedule import Result


@dataclass
class Tally:
    """Sums over schedules of one kind."""

    kind: str = ""
    schedules: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    ends: Counter[str] = field(default_factory=Counter)
    virtual_s: float = 0.0
    spent: int = 0
    """Schedules in which all that was planned to go wrong went wrong."""

    def add(self, result: Result) -> None:
        """Count one more schedule."""
        self.schedules += 1
        self.faults += result.faults
        self.ends += result.ends
        self.virtual_s += result.virtual_s
        self.spent += result.is_spent

    def lines(self) -> list[str]:
        """The sums as a report."""
        report = [
            f"{self.schedules} {self.kind} schedules, {self.virtual_s / 3600:.1f} hours of virtual time, "
            f"all that was planned went wrong in {self.spent}"
        ]
        for name, counts in (("faults", {kind: self.faults[kind] for kind in KINDS}), ("ends", self.ends)):
            report.append(f"{name}:")
            report += columns([f"{count:6} {what}" for what, count in sorted(counts.items())])
        return report

    def seldom(self, kinds: Sequence[str], enough: int) -> list[str]:
        """Which of these faults happened so seldom that nothing is proved about them."""
        return [f"{kind}: {self.faults[kind]}" for kind in kinds if self.faults[kind] < enough]


def columns(cells: list[str], number: int = 3) -> list[str]:
    """Cells side by side, read downwards."""
    height = -(-len(cells) // number)
    return ["".join(f"{cell:46}" for cell in cells[row::height]).rstrip() for row in range(height)]
