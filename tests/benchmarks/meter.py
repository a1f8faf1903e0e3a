"""Who used the processors while a load ran, and hence what kept its rate from being higher."""

from collections import Counter
from dataclasses import dataclass, field
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
    """Measures from its making on."""

    def __init__(self, family: Family) -> None:
        """Watch the machine, and `family` apart."""
        self._family = family
        self._used, self._times = family.cpu(), psutil.cpu_times()

    def use(self, generator_s: float, load_s: float) -> Use:
        """What was used since by a load of `load_s` seconds, of which the generator used `generator_s`."""
        now, cores = psutil.cpu_times(), psutil.cpu_count() or 1
        waited_s = now.idle + now.iowait - self._times.idle - self._times.iowait
        busy_s = _total(now) - _total(self._times) - waited_s
        programs = self._programs().most_common()
        side_s = sum(used for _, used in programs)
        others_s = max(0.0, busy_s - side_s - generator_s)
        return Use(
            side=side_s / load_s,
            generator=generator_s / load_s,
            others=others_s / load_s,
            idle=max(0.0, cores - busy_s / load_s),
            programs={name: round(used / load_s, 3) for name, used in programs},
        )

    def _programs(self) -> Counter[str]:
        """Seconds that the side's programs used since; told apart by pid, for names change."""
        used: Counter[str] = Counter()
        for pid, (name, seconds) in self._family.cpu().items():
            used[name] += seconds - self._used.get(pid, (name, 0.0))[1]
        return used


def _total(times: Any) -> float:
    """All time of all cores; a guest's is counted in user's."""
    return float(sum(times) - getattr(times, "guest", 0) - getattr(times, "guest_nice", 0))
