"""A process and everything it started: what they use, and how they are held still while somebody else is measured."""

import contextlib
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import psutil


@dataclass(frozen=True)
class Family:
    """The living processes below `roots`, asked anew each time."""

    roots: Callable[[], Sequence[int]]
    """The pids that all others descend from."""

    def members(self) -> list[psutil.Process]:
        """Everyone, parents first."""
        found: dict[int, psutil.Process] = {}
        for pid in self.roots():
            with contextlib.suppress(psutil.NoSuchProcess):
                root = psutil.Process(pid)
                found |= {each.pid: each for each in (root, *root.children(recursive=True))}
        return list(found.values())

    def cpu(self) -> dict[int, tuple[str, float]]:
        """By pid: what each of the living is called, and the seconds of CPU that it has used since it was born."""
        used = {}
        for process in self.members():
            with contextlib.suppress(psutil.Error), process.oneshot():
                times = process.cpu_times()
                used[process.pid] = (_name(process), times.user + times.system)
        return used

    def pause(self) -> None:
        """Hold everyone still: parents first, so that nobody misses a child."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let everyone go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End everyone at once."""
        self._signal(signal.SIGKILL)

    def _signal(self, signum: signal.Signals) -> None:
        for process in self.members():
            with contextlib.suppress(psutil.Error):
                process.send_signal(signum)


def _name(process: psutil.Process) -> str:
    """What it is called: Ray's workers by whom they are (`ray::tickets/0`), others by their program."""
    title = (process.cmdline() or [process.name()])[0]
    # A worker's title also names the method that it runs just now.
    return title.partition(".")[0] if title.startswith("ray::") else title.rpartition("/")[2]
