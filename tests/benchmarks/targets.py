"""What must be reached, what is aimed at, and what the medians of the rounds say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal, NamedTuple

from tests.benchmarks.scenarios import Sample

Samples = Mapping[str, Mapping[str, Sequence[Sample]]]
"""By scenario and side."""

Figure = Literal["rate", "p99_ms"]
Verdict = Literal["aim", "must", "missed"]
BOUNDS: tuple[Literal["aim", "must"], ...] = ("aim", "must")
UNITS: dict[Figure, str] = {"rate": "/s", "p99_ms": "ms"}


@dataclass(frozen=True, kw_only=True)
class Target:
    """One line of the table: ours against another side, as a ratio."""

    title: str
    scenario: str
    figure: Figure = "rate"
    against: str = "peer"
    must: float
    aim: float

    @property
    def less_is_better(self) -> bool:
        """Latencies are better when they are lower."""
        return self.figure == "p99_ms"

    def verdict(self, ratio: float) -> Verdict:
        """How far one comes with that."""
        sign = -1 if self.less_is_better else 1
        reached: list[Verdict] = [name for name in BOUNDS if sign * (ratio - getattr(self, name)) >= 0]
        return reached[0] if reached else "missed"


TARGETS = (
    Target(title="contended: 1,000 tickets, most refused", scenario="contended", must=1.5, aim=2.2),
    Target(title="all granted, to committed orders", scenario="granted", must=1.1, aim=2.0),
    Target(title="contended, against Serve alone", scenario="contended", against="floor", must=0.7, aim=0.95),
    Target(title="GET /api/tickets/{id}", scenario="ticket", must=1.0, aim=2.0),
    Target(title="GET /api/tickets, first page", scenario="page", must=1.0, aim=2.0),
    Target(title="p99, contended, half the peer's rate", scenario="contended-p99", figure="p99_ms", must=1.0, aim=0.5),
    Target(title="p99, granted, half the peer's rate", scenario="granted-p99", figure="p99_ms", must=1.0, aim=0.5),
)


class Round(NamedTuple):
    """One of the rounds."""

    ours: float
    other: float
    keeps_up: bool


@dataclass(frozen=True, kw_only=True)
class Row:
    """A target and what was measured."""

    target: Target
    ours: float
    other: float
    keeps_up: bool = True
    """Both did what was offered; latencies of who does not are no figures."""

    rounds: Sequence[Round]
    """What the medians are of."""

    @property
    def ratio(self) -> float:
        """Ours by the other's."""
        return self.ours / self.other

    @property
    def verdict(self) -> Verdict:
        """How far we came: by the medians."""
        return self.target.verdict(self.ratio) if self.keeps_up else "missed"

    @property
    def rounds_met(self) -> int:
        """How many of the rounds by themselves reach what must be."""
        return sum(each.keeps_up and self.target.verdict(each.ours / each.other) != "missed" for each in self.rounds)

    @property
    def ours_range(self) -> tuple[float, float]:
        """Our least and our greatest round."""
        return _range([each.ours for each in self.rounds])

    @property
    def other_range(self) -> tuple[float, float]:
        """The other's."""
        return _range([each.other for each in self.rounds])


def rows(samples: Samples) -> list[Row]:
    """The table: each target whose two sides were measured."""
    measured = (target for target in TARGETS if {"ours", target.against} <= set(samples.get(target.scenario, ())))
    return [_row(target, samples[target.scenario]) for target in measured]


def middle(samples: Sequence[Sample], figure: Figure = "rate") -> float:
    """The median of the rounds."""
    return median(getattr(sample.load, figure) for sample in samples)


def _row(target: Target, sides: Mapping[str, Sequence[Sample]]) -> Row:
    ours, other = sides["ours"], sides[target.against]
    return Row(
        target=target,
        ours=middle(ours, target.figure),
        other=middle(other, target.figure),
        keeps_up=all(median(sample.keeps_up for sample in side) == 1 for side in (ours, other)),
        rounds=[_round(*both, target.figure) for both in zip(ours, other, strict=True)],
    )


def _round(ours: Sample, other: Sample, figure: Figure) -> Round:
    return Round(getattr(ours.load, figure), getattr(other.load, figure), ours.keeps_up and other.keeps_up)


def _range(values: Sequence[float]) -> tuple[float, float]:
    return min(values), max(values)
