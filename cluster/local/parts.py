"""The parts of a run, and how each is started, awaited, started again and ended."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

from cluster.local.child import Child
from cluster.local.errors import ServiceError
from cluster.local.waiting import Patience

BACKOFF_S_MAX = 30.0
"""Longest pause between two tries to start a part again."""

STEADY_S = 60.0
"""A part that has run this long is forgiven its earlier ends."""

SILENT_S_MAX = 60.0
"""A part that runs, but has answered nothing for so long, is started again."""

ASKED_S_MAX = 40.0
"""After a longer pause between two questions silence counts from anew: `up` itself was stopped, perhaps with all the
rest, so the pause says nothing about the part. Asking all when nobody answers takes little more than half of it."""


class Phase(Enum):
    """Where a part is in its life."""

    STARTING = "starting"
    WORKING = "working"
    PAUSING = "pausing"


@dataclass
class Part:
    """One embedded service."""

    name: str
    """As in the run record and in log files: `mongod`, `sandbox`, `ray`."""

    title: str
    """As people call it."""

    doing: str
    """What starting it is called while it lasts."""

    launch: Callable[[], Child]
    """Starts its process."""

    works: Callable[[], bool]
    """Whether it does its work now, for which it may need other parts."""

    start_s: float
    """How long it may take to work."""

    stop_s: float
    """How long it may take to end by itself."""

    answers: Callable[[], bool] = lambda: False
    """Whether one that does not work answers at all, and is to be left alone; it may take its time to."""

    clock: Callable[[], float] = time.monotonic

    child: Child | None = field(default=None, init=False)
    phase: Phase = field(default=Phase.PAUSING, init=False)
    failures: int = field(default=0, init=False)
    since: float = field(default=0.0, init=False)
    """When it was last started."""

    retry_at: float = field(default=0.0, init=False)
    """When to start it again, in the phase PAUSING."""

    asked_at: float = field(default=0.0, init=False)
    """When it was last asked whether it answers."""

    silent_since: float | None = field(default=None, init=False)
    """When it was first asked in vain; None while it answers."""

    def begin(self) -> None:
        """Start it now. Raises `OperatorError` and `OSError`."""
        self.since = self.clock()
        self.child = self.launch()
        self.phase = Phase.STARTING
        self.silent_since = None

    def running(self) -> bool:
        """Whether its process runs."""
        return self.child is not None and self.child.running()

    def late(self) -> bool:
        """Whether it has taken longer to start than it may."""
        return self.phase is Phase.STARTING and self.clock() - self.since > self.start_s

    def mark(self, *, answered: bool) -> None:
        """Remember whether it answered just now."""
        now = self.clock()
        if answered:
            self.silent_since = None
        elif self.silent_since is None or now - self.asked_at > ASKED_S_MAX:
            self.silent_since = now
        self.asked_at = now

    def silent(self) -> bool:
        """Whether it has been asked in vain for longer than anything that passes by itself takes."""
        return self.silent_since is not None and self.asked_at - self.silent_since >= SILENT_S_MAX

    def await_work(self, patience: Patience) -> None:
        """Wait until it works. Raises `ServiceError` that shows its last words, and `Stopped`."""
        met = patience.until(lambda: not self.running() or self.works(), timeout_s=self.start_s)
        if not (met and self.running()):
            raise self.failure()
        self.phase = Phase.WORKING

    def failure(self) -> ServiceError:
        """What to tell about a part that did not start."""
        assert self.child is not None
        how = f"did not work within {self.start_s:.0f} s" if self.running() else self.child.fate()
        tail = self.child.tail()
        return ServiceError(
            f"{self.title} did not start: it {how}. The last lines of {self.child.log}:\n{tail}", advice(tail)
        )

    def forgive(self) -> None:
        """Forget its earlier ends if it has run for long since."""
        if self.clock() - self.since > STEADY_S:
            self.failures = 0

    def postpone(self) -> float:
        """Choose when to start it again: at once, then after pauses that double; the pause in seconds."""
        pause = min(BACKOFF_S_MAX, 2.0 ** (self.failures - 1)) if self.failures else 0.0
        self.failures += 1
        self.retry_at = self.clock() + pause
        self.phase = Phase.PAUSING
        return pause

    def stop(self) -> None:
        """End it and all it started. Raises `ServiceError` when it cannot be ended."""
        if self.child is not None:
            self.child.stop(grace_s=self.stop_s)


def advice(tail: str) -> str:
    """What helps, as far as the last words of a part tell."""
    known = {
        "/dev/shm": "Make /dev/shm larger (in a container: --shm-size=256m).",
        "no space left": "Free some space on the disk of the data folder.",
        "address already in use": "Start it again: a port was taken in between.",
        "memory": "Free some memory: a whole copy needs about 2 GiB.",
    }
    found = (help_ for words, help_ in known.items() if words in tail.lower())
    return next(found, "Put right what the log says and start it again.")
