"""Faults by plan: this kind at that step, and nothing else goes wrong."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

SCANS = ("owed", "due", "list")
"""Steps of the runtime's looks around: they come at any time and belong to no payment."""

DEATHS = ("commit before", "commit after", "remove before", "remove after", "clear after", "send after")
"""Steps at which a process dies: between those left out and these nothing has happened yet that could get lost."""


@dataclass(frozen=True, slots=True)
class Step:
    """One occasion for faults."""

    where: str
    kinds: tuple[str, ...]
    crash: bool = False
    """Whether it is a process that may die here."""


@dataclass(frozen=True, slots=True)
class Strike:
    """One fault to come: at the first occasion from a step on."""

    step: int
    choice: int = 0
    """Which of the faults that are possible there."""

    crash: bool = False
    """Whether a process is to die, rather than something to fail."""


@dataclass
class Script:
    """Stands in for `Faults`: counts the occasions of a run, and lets the strikes happen, one after the other."""

    strikes: Sequence[Strike] = ()
    given: Sequence[str] = ()
    """What belongs to the way itself: it happens at its first occasion, and is no fault."""

    def __post_init__(self) -> None:
        self.are_on = True
        self.counts: Counter[str] = Counter()
        self.steps: list[Step] = []
        self._given = list(self.given)
        self._left = list(self.strikes)
        self.end = 0

    @property
    def is_spent(self) -> bool:
        """Whether everything that was planned has happened."""
        return not self._left

    def draw(self, kinds: Sequence[str], where: str = "") -> str | None:
        """What belongs to the way, or the fault that is planned for this occasion."""
        for kind in kinds:
            if kind in self._given:
                self._given.remove(kind)
                return kind
        kind = self._draw(kinds, where, crash=False)
        if kind:
            self.counts[kind] += 1
        return kind

    def kills(self, kind: str, service: str) -> bool:
        """Whether a process dies at this step."""
        return kind.endswith(DEATHS) and self._draw((kind,), service, crash=True) is not None

    def is_in_play(self, kind: str) -> bool:
        """Nothing happens by chance."""
        return False

    def _draw(self, kinds: Sequence[str], where: str, crash: bool) -> str | None:
        if where.startswith(SCANS):
            return None
        self.steps.append(Step(where, tuple(kinds), crash))
        if not self._left or self._left[0].step >= len(self.steps) or self._left[0].crash != crash:
            return None
        return kinds[self._left.pop(0).choice % len(kinds)]
