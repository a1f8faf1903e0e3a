"""How busy the generator's process and the machine are, second by second."""

import time
from collections.abc import Callable
from typing import NamedTuple

import psutil

SECOND_S = 1.0
"""A sale is judged by its busiest stretch of this length: an average over a pause would hide a rush."""

LEAST_S = SECOND_S / 2
"""A rest that is shorter says too little by itself."""


class Reading(NamedTuple):
    """The clocks at one moment, in seconds."""

    wall_s: float
    used_s: float
    """CPU that this process has used."""

    idle_s: float
    """CPU that nobody has used, all cores together."""


def read() -> Reading:
    """The clocks now."""
    times = psutil.cpu_times()
    return Reading(time.perf_counter(), time.process_time(), times.idle + times.iowait)


class Busy:
    """The busiest seconds so far, each a share of what there was."""

    def __init__(self, read: Callable[[], Reading] = read, cores: int = psutil.cpu_count() or 1) -> None:
        """Count from now on."""
        self._read, self._cores = read, cores
        self._since = read()
        self.cpu = 0.0
        """Of one core, by this process."""

        self.machine_cpu = 0.0
        """Of all cores, by whomever. In a container these are the host's, as is what is idle; its own limit shows in
        how late timers are."""

    def look(self, least_s: float = SECOND_S) -> None:
        """Count the stretch since the last one, once it has lasted for `least_s` seconds."""
        now, then = self._read(), self._since
        wall_s = now.wall_s - then.wall_s
        if wall_s <= 0 or wall_s < least_s:
            return
        self.cpu = max(self.cpu, (now.used_s - then.used_s) / wall_s)
        self.machine_cpu = max(self.machine_cpu, 1 - (now.idle_s - then.idle_s) / wall_s / self._cores)
        self._since = now

    def finish(self) -> None:
        """Count the rest too, if it is all there is or long enough to tell."""
        self.look(LEAST_S if self.cpu else 0.0)
