"""Counting what happens, second by second, and how long it took. Pure."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["reserved", "refused", "paid", "declined", "late", "cancelled", "expired", "failed"]

OUTCOMES: tuple[Outcome, ...] = ("reserved", "refused", "paid", "declined", "late", "cancelled", "expired", "failed")
"""What may become of a buyer's step. A refusal is no sale, and a failure is neither."""

QUANTILES = (0.5, 0.95, 0.99)


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed; 0 for none. `values` must ascend."""
    if not values:
        return 0.0
    return values[max(0, min(len(values) - 1, -int(-share * len(values) // 1) - 1))]


@dataclass
class Figures:
    """What has happened so far. Times in seconds after the doors opened, latencies in milliseconds."""

    counts: dict[Outcome, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """By outcome: how often in each second."""

    latencies: dict[int, "array[float]"] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    """By second: how long each answer took."""

    repeats: int = 0
    """Requests sent again because an answer was lost, or told nothing."""

    def count(self, outcome: Outcome, at_s: float, times: int = 1) -> None:
        """Something became of `times` buyers."""
        self.counts[outcome][int(at_s)] += times

    def timed(self, at_s: float, latency_ms: float) -> None:
        """An answer came."""
        self.latencies[int(at_s)].append(latency_ms)

    def total(self, outcome: Outcome) -> int:
        """How often that happened."""
        return self.counts[outcome].total() if outcome in self.counts else 0

    def seconds(self) -> int:
        """How many seconds anything happened in, from the first one on."""
        moments = [second for counter in self.counts.values() for second in counter] + list(self.latencies)
        return max(moments, default=-1) + 1

    def series(self, outcome: Outcome) -> list[int]:
        """How often it happened in each second."""
        found = self.counts.get(outcome, Counter())
        return [found[second] for second in range(self.seconds())]

    def answers(self) -> list[int]:
        """Answers in each second."""
        return [len(self.latencies.get(second, ())) for second in range(self.seconds())]

    def percentiles(self) -> dict[float, float]:
        """Latencies over all answers, by quantile."""
        every = sorted(value for found in self.latencies.values() for value in found)
        return {share: quantile(every, share) for share in QUANTILES}

    def percentile_series(self, share: float) -> list[float]:
        """One quantile of the latencies in each second; 0 where no answer came."""
        return [quantile(sorted(self.latencies.get(second, ())), share) for second in range(self.seconds())]
