"""The one source of randomness of a schedule, and the diary of what it led to."""

from collections.abc import Sequence
from hashlib import blake2b
from random import Random
from typing import Any, TypeVar

from actors.contract import Id

T = TypeVar("T")


class Chance:
    """Everything random in a schedule follows from its seed."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self.fraction = self._random.random

    def hit(self, probability: float) -> bool:
        """True once in a while."""
        return self.fraction() < probability

    def between(self, low: float, high: float) -> float:
        """A number from `low` to `high`, small ones more often."""
        return low + (high - low) * self.fraction() ** 2

    def number(self, low: int, high: int) -> int:
        """A whole number from `low` to `high`, both included."""
        return low + int(self.fraction() * (high - low + 1))

    def pick(self, choices: Sequence[T]) -> T:
        """One of `choices`."""
        return choices[int(self.fraction() * len(choices))]

    def new_id(self) -> Id:
        """An id nobody has."""
        return Id(self._random.getrandbits(96).to_bytes(12, "big"))


class Trace:
    """What happened when; formatted only where somebody wants to read it."""

    def __init__(self) -> None:
        self.entries: list[tuple[float, str, tuple[Any, ...]]] = []

    def note(self, at_s: float, what: str, *details: Any) -> None:
        """Add an entry."""
        self.entries.append((at_s, what, details))

    def lines(self) -> list[str]:
        """The entries as text."""
        return [f"{at:9.4f}  {what:22} {' '.join(map(str, details))}" for at, what, details in self.entries]

    def digest(self) -> str:
        """Tells two runs apart."""
        return blake2b("\n".join(self.lines()).encode(), digest_size=16).hexdigest()
