"""Looking again: on a live system a wrong look may be a glimpse of something under way."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from cluster.audit.violation import Violation

K = TypeVar("K")

Look = Callable[[Sequence[K]], Mapping[K, list[Violation]]]
"""What is wrong with each of these now; the ones that are right may be left out."""


@dataclass(frozen=True, kw_only=True)
class Patience:
    """How long to look again before something wrong counts."""

    every_s: float = 1.0
    deadline_s: float = 15.0
    looks_min: int = 3
    """So often at least: a look may take longer than the deadline, and one alone may be a glimpse."""

    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def settle(self, suspects: Sequence[K], look: Look[K]) -> list[Violation]:
        """What every look until the deadline found. Whatever was right once is right: the next moment is another's."""
        end, looks = self.clock() + self.deadline_s, 0
        wrong: dict[K, list[Violation]] = {each: [] for each in suspects}
        while wrong and (looks < self.looks_min or self.clock() < end):
            self.pause(self.every_s)
            now, looks = look(list(wrong)), looks + 1
            found = {each: lasting(wrong[each], now.get(each, [])) for each in wrong}
            wrong = {each: violations for each, violations in found.items() if violations}
        return [each for found in wrong.values() for each in found]


def lasting(before: Sequence[Violation], now: Sequence[Violation]) -> list[Violation]:
    """What is wrong now and was so before, in the same documents; nothing before is the first look."""
    known = {_identity(each) for each in before}
    return [each for each in now if not before or _identity(each) in known]


def _identity(violation: Violation) -> tuple[str, frozenset[str]]:
    return violation.code, frozenset(violation.documents)
