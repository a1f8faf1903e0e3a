"""Processes told apart by pid and start time, so that a reused pid is never mistaken for an old friend."""

import contextlib
import signal
from collections.abc import Iterable
from dataclasses import dataclass

import psutil

START_TOLERANCE_S = 0.05
"""Start times are kept in kernel ticks of 10 ms and converted twice; more than this is another process."""

KILLED_S = 10.0
"""How long a killed one may take to be gone."""


@dataclass(frozen=True)
class Identity:
    """One process, for ever: its pid and when it started."""

    pid: int
    started: float
    """Seconds since boot, as the kernel counts them: a stepped clock does not change it."""

    @classmethod
    def of(cls, pid: int) -> "Identity | None":
        """Who runs under `pid` now; None when nobody does."""
        started = _started(pid)
        return None if started is None else cls(pid, started)

    def alive(self) -> bool:
        """Whether this very process still runs (a zombie does not)."""
        started = _started(self.pid)
        return started is not None and abs(started - self.started) < START_TOLERANCE_S

    def send(self, signum: int) -> None:
        """Send a signal if it still runs; a process that has just gone is no mistake."""
        if self.alive():
            with contextlib.suppress(psutil.Error):
                psutil.Process(self.pid).send_signal(signum)


def _started(pid: int) -> float | None:
    """Start of a living process in seconds since boot, None for a dead one or a zombie."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            # The name in parentheses may hold spaces: fields are counted from the last parenthesis.
            fields = stat.read().rpartition(b")")[2].split()
    except OSError:
        return None
    return None if fields[0] in {b"Z", b"X"} else int(fields[19]) / _TICKS_PER_S


_TICKS_PER_S = 100
"""USER_HZ of every Linux that Python runs on."""


def family(roots: Iterable[Identity]) -> list[Identity]:
    """The living among `roots` and everything they started, parents before children."""
    found: dict[int, Identity] = {}
    for root in roots:
        if root.alive():
            found.setdefault(root.pid, root)
            for pid in _descendants(root.pid):
                if pid not in found and (child := Identity.of(pid)):
                    found[pid] = child
    return list(found.values())


def _descendants(pid: int) -> list[int]:
    try:
        return [child.pid for child in psutil.Process(pid).children(recursive=True)]
    except psutil.Error:
        return []


def kill(processes: Iterable[Identity]) -> None:
    """SIGKILL each of them that still runs."""
    for process in processes:
        process.send(signal.SIGKILL)
