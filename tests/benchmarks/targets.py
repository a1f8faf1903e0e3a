"""What must be reached, what is aimed at, and what the medians of the rounds say. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Literal

from tests.benchmarks.scenarios import Sample

Samples = Mapping[str, Mapping[str, Sequence[Sample]]]
"""By scenario and side."""

Figure = Literal["rate", "p99_ms"]
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


TARGETS = (
    Target(title="contended: 1,000 tickets, most refused", scenario="contended", must=1.5, aim=2.2),
    Target(title="all granted, to committed orders", scenario="granted", must=1.1, aim=2.0),
    Target(title="contended, against Serve alone", scenario="contended", against="floor", must=0.7, aim=0.95),
    Target(title="GET /api/tickets/{id}", scenario="ticket", must=1.0, aim=2.0),
    Target(title="GET /api/tickets, first page", scenario="page", must=1.0, aim=2.0),
    Target(title="p99, contended, half the peer's rate", scenario="contended-p99", figure="p99_ms", must=1.0, aim=0.5),
    Target(title="p99, granted, half the peer's rate", scenario="granted-p99", figure="p99_ms", must=1.0, aim=0.5),
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """A target and what was measured."""

    target: Target
    ours: float
    other: float
    keeps_up: bool = True
    """We did what was offered; latencies of who does not are no figures."""

    @property
    def ratio(self) -> float:
        """Ours by the other's."""
        return self.ours / self.other

    @property
    def verdict(self) -> Literal["aim", "must", "missed"]:
        """How far we came."""
        if not self.keeps_up:
            return "missed"
        sign = -1 if self.target.less_is_better else 1
        reached = [name for name in ("aim", "must") if sign * (self.ratio - getattr(self.target, name)) >= 0]
        return reached[0] if reached else "missed"


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
        keeps_up=median(sample.keeps_up for sample in ours) == 1,
    )
