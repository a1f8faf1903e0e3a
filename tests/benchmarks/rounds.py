"""The run: scenario by scenario, round by round, side by side; who is not measured is held still."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass

from tests.benchmarks.scenarios import Sample, Stage
from tests.benchmarks.sides import Side
from tests.benchmarks.targets import middle

SCENARIOS = ("contended", "granted", "ticket", "page", "contended-p99", "granted-p99")
FLOOR = "floor"
"""Chosen like a scenario: the floor takes part in `contended`."""

CHOICES = (*SCENARIOS, FLOOR)
P99 = "-p99"


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One side, about to be measured."""

    scenario: str
    number: int
    """Of the round, from 1."""

    side: str
    of: int
    """How many rounds."""

    def __str__(self) -> str:
        """As people read it."""
        return f"{self.scenario}, round {self.number} of {self.of}, {self.side}"


Samples = dict[str, dict[str, list[Sample]]]
Tell = Callable[[Turn, Sample | None], None]
"""Hears of each turn: before it without a sample, after it with one."""


def completed(chosen: Collection[str]) -> list[str]:
    """The chosen scenarios, in order, with those that they rest on."""
    wanted = {each.removesuffix(P99) for each in chosen} | set(chosen)
    if FLOOR in wanted:
        wanted.add("contended")
    return [each for each in SCENARIOS if each in wanted]


def run(stage: Stage, sides: Sequence[Side], scenarios: Sequence[str], rounds: int, tell: Tell) -> Samples:
    """Every sample, by scenario and side; the sides take turns in every round.

    Raises:
        LoadError, AssertionError: a side did not do what it must.
    """
    samples: Samples = {}
    for scenario, number, side in _turns(sides, scenarios, rounds):
        turn = Turn(scenario=scenario, number=number, side=side.name, of=rounds)
        tell(turn, None)
        sample = _measure(stage, side, scenario, samples)
        samples.setdefault(scenario, {}).setdefault(side.name, []).append(sample)
        tell(turn, sample)
    return samples


def _turns(sides: Sequence[Side], scenarios: Sequence[str], rounds: int) -> Iterator[tuple[str, int, Side]]:
    for scenario in scenarios:
        for number in range(1, rounds + 1):
            for side in sides:
                if side.name != FLOOR or scenario == "contended":
                    yield scenario, number, side


def _measure(stage: Stage, side: Side, scenario: str, samples: Samples) -> Sample:
    base = scenario.removesuffix(P99)
    rate = middle(samples[base]["peer"]) / 2 if scenario.endswith(P99) else 0.0
    side.family.resume()
    try:
        measured: Sample = getattr(stage, base)(side, rate)
        return measured
    finally:
        side.family.pause()
