"""Who used the processors while a load ran, and hence what kept its rate from being higher."""

import time
from collections import Counter
from dataclasses import dataclass, field
from threading import Timer
from typing import Any

import psutil

from tests.benchmarks.family import Family

BUSY = 0.95
OTHERS_MAX = 0.15
"""What everybody else may use, as a share of one core, before a figure is suspect."""


@dataclass(frozen=True, kw_only=True)
class Use:
    """Cores that were busy, on average."""

    side: float
    generator: float
    others: float
    """Everybody else on this machine, the kernel's own work for the network included."""

    idle: float
    programs: dict[str, float] = field(default_factory=dict)
    """Of the side, by the names of its programs, the busiest first."""

    @property
    def limit(self) -> str:
        """What kept the rate from being higher."""
        if self.generator > BUSY:
            return "generator"
        return "machine" if self.idle < 1 - BUSY else "side"


class Meter:
    """Measures from its making on, for as long as requests are sent: who only drains asks for nothing any more."""

    def __init__(self, family: Family, load_s: float) -> None:
        """Watch the machine, and `family` apart, for `load_s` seconds from now on."""
        self._family = family
        self._first = self._last = self._look()
        self._end = Timer(load_s, self._finish)
        self._end.daemon = True
        self._end.start()

    def use(self, generator_s: float) -> Use:
        """What was used, once the time is over; the generator used `generator_s` seconds of CPU."""
        self._end.join()
        first, last, cores = self._first, self._last, psutil.cpu_count() or 1
        load_s = last.at_s - first.at_s
        waited_s = last.times.idle + last.times.iowait - first.times.idle - first.times.iowait
        busy_s = _total(last.times) - _total(first.times) - waited_s
        programs = _programs(first, last).most_common()
        side_s = sum(used for _, used in programs)
        others_s = max(0.0, busy_s - side_s - generator_s)
        return Use(
            side=side_s / load_s,
            generator=generator_s / load_s,
            others=others_s / load_s,
            idle=max(0.0, cores - busy_s / load_s),
            programs={name: round(used / load_s, 3) for name, used in programs},
        )

    def _look(self) -> "_Look":
        return _Look(at_s=time.monotonic(), times=psutil.cpu_times(), family=self._family.cpu())

    def _finish(self) -> None:
        self._last = self._look()


@dataclass(frozen=True, kw_only=True)
class _Look:
    """What everybody has used up to a moment."""

    at_s: float
    times: Any
    family: dict[int, tuple[str, float]]


def _programs(first: _Look, last: _Look) -> Counter[str]:
    """Seconds that the side's programs used between two looks; told apart by pid, for names change."""
    used: Counter[str] = Counter()
    for pid, (name, seconds) in last.family.items():
        used[name] += seconds - first.family.get(pid, (name, 0.0))[1]
    return used


def _total(times: Any) -> float:
    """All time of all cores; a guest's is counted in user's."""
    return float(sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0))
