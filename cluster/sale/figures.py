"""Counting what happens, moment by moment, and how long it took. Pure."""

from array import array
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Outcome = Literal["reserved", "refused", "paid", "declined", "late", "cancelled", "expired", "failed"]

OUTCOMES: tuple[Outcome, ...] = ("reserved", "refused", "paid", "declined", "late", "cancelled", "expired", "failed")
"""What may become of a buyer's step. A refusal is no sale, and a failure is neither."""

QUANTILES = (0.5, 0.95, 0.99)

TICKS_PER_S = 10
TICK_S = 1 / TICKS_PER_S
"""How finely moments are told apart."""


def quantile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` of `values` do not exceed; 0 for none. `values` must ascend."""
    if not values:
        return 0.0
    return values[max(0, min(len(values) - 1, -int(-share * len(values) // 1) - 1))]


@dataclass
class Figures:
    """What has happened so far. Times in seconds after the doors opened, latencies in milliseconds."""

    counts: dict[Outcome, Counter[int]] = field(default_factory=lambda: defaultdict(Counter))
    """By outcome: how often in each tick."""

    latencies: dict[int, "array[float]"] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    """By tick: how long each answer took."""

    steps: dict[str, "array[float]"] = field(default_factory=lambda: defaultdict(lambda: array("d")))
    """The same by step: a payment takes longer than a refusal, and its latency must not drown in theirs."""

    repeats: int = 0
    """Requests sent again because an answer was lost, or told nothing."""

    troubles: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By step and status, or kind of error: the answers for which requests were sent again, or buyers counted as
    failed."""

    def count(self, outcome: Outcome, at_s: float, times: int = 1) -> None:
        """Something became of `times` buyers."""
        self.counts[outcome][int(at_s * TICKS_PER_S)] += times

    def spread(self, outcome: Outcome, since_s: float, until_s: float, times: int) -> None:
        """It became of `times` buyers between two looks, and nobody saw when: it is counted as evenly as can be."""
        for n in range(times):
            self.count(outcome, since_s + (n + 0.5) / times * (until_s - since_s))

    def timed(self, step: str, at_s: float, latency_ms: float) -> None:
        """An answer came."""
        self.latencies[int(at_s * TICKS_PER_S)].append(latency_ms)
        self.steps[step].append(latency_ms)

    def total(self, outcome: Outcome) -> int:
        """How often that happened."""
        return self.counts[outcome].total() if outcome in self.counts else 0

    def pace(self, outcome: Outcome) -> float:
        """How often it happened per second, from the first time to the last, and at least for a second.

        Over the whole sale it would tell how long buyers think, and not how fast they are served. Two that are a second
        apart are two in little more than a second, and still never two in one: no pace is above its peak.
        """
        ticks = [tick for tick, times in self.counts.get(outcome, Counter()).items() if times]
        if not ticks:
            return 0.0
        return min(self.peak(outcome), self.total(outcome) / max(1.0, (max(ticks) - min(ticks) + 1) * TICK_S))

    def peak(self, outcome: Outcome) -> int:
        """How often it happened in its busiest second, wherever that begins."""
        return _busiest(self.counts.get(outcome, Counter()))

    def peak_of_answers(self) -> int:
        """How many answers came in their busiest second, wherever that begins."""
        return _busiest({tick: len(values) for tick, values in self.latencies.items()})

    def length(self, every_s: float = 1.0) -> int:
        """How many stretches of `every_s` seconds anything happened in, from the first one on."""
        ticks = [tick for counter in self.counts.values() for tick in counter] + list(self.latencies)
        return _stretch(max(ticks), every_s) + 1 if ticks else 0

    def series(self, outcome: Outcome, every_s: float = 1.0) -> list[int]:
        """How often it happened in each stretch of `every_s` seconds."""
        found = [0] * self.length(every_s)
        for tick, times in self.counts.get(outcome, Counter()).items():
            found[_stretch(tick, every_s)] += times
        return found

    def answers(self, every_s: float = 1.0) -> list[int]:
        """Answers in each stretch of `every_s` seconds."""
        return [len(found) for found in self.latency_series(every_s)]

    def latency_series(self, every_s: float = 1.0) -> list[list[float]]:
        """Latencies in each stretch of `every_s` seconds, ascending."""
        found: list[list[float]] = [[] for _ in range(self.length(every_s))]
        for tick, values in self.latencies.items():
            found[_stretch(tick, every_s)].extend(values)
        return [sorted(values) for values in found]

    def recent(self, now_s: float) -> list[float]:
        """Latencies of the last whole second, ascending."""
        last = round((int(now_s) - 1) / TICK_S)
        ticks = range(last, last + round(1 / TICK_S))
        return sorted(value for tick in ticks if tick in self.latencies for value in self.latencies[tick])

    def percentiles(self, step: str | None = None) -> dict[float, float]:
        """Latencies of one step's answers, or of all, by quantile."""
        found = [self.steps[step]] if step else self.steps.values()
        every = sorted(value for values in found for value in values)
        return {share: quantile(every, share) for share in QUANTILES}


def _busiest(times: Mapping[int, int]) -> int:
    """The most in any second; those that begin where nothing happened have no more than the next."""
    return max((sum(times.get(tick + n, 0) for n in range(TICKS_PER_S)) for tick in times), default=0)


def _stretch(tick: int, every_s: float) -> int:
    return tick // round(every_s / TICK_S)
