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
    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], None] = time.sleep

    def settle(self, suspects: Sequence[K], look: Look[K]) -> list[Violation]:
        """What is still wrong at the deadline. Whatever was right once is right: the next moment is another audit's."""
        end = self.clock() + self.deadline_s
        wrong: dict[K, list[Violation]] = {each: [] for each in suspects}
        while wrong:
            self.pause(self.every_s)
            now = look(list(wrong))
            wrong = {each: now[each] for each in wrong if now.get(each)}
            if self.clock() >= end:
                break
        return [each for found in wrong.values() for each in found]
