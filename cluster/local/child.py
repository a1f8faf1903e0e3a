"""One process that `up` starts and looks after, with its log in a file of bounded size."""

import os
import shutil
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from cluster.local.errors import ServiceError
from cluster.local.processes import KILLED_S, Identity, family, kill
from cluster.local.waiting import until

LOG_BYTES_MAX = 8 * 2**20
"""A log that has grown past this is moved to `.1`, which is replaced."""

TAIL_LINES = 12
"""Lines of a log shown with a failure."""


class Child:
    """A running part: mongod, the sandbox or Ray."""

    def __init__(self, name: str, command: list[str], *, log: Path, env: dict[str, str]) -> None:
        """Start `command` in a session of its own: a Ctrl-C in the terminal must not reach it before its turn.

        Raises `OSError` when the program cannot be run.
        """
        self.name = name
        self.log = log
        rotate(log, limit=0)
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env=env,
            )
        identity = Identity.of(self._process.pid)
        # Gone in the same instant: any start time will do, it is never alive again.
        self.identity = identity or Identity(self._process.pid, 0.0)

    def running(self) -> bool:
        """Whether it still runs; reaps it when it does not."""
        return self._process.poll() is None

    def fate(self) -> str:
        """How it ended, in words."""
        code = self._process.poll()
        if code is None:
            return "running"
        return f"killed by {signal.Signals(-code).name}" if code < 0 else f"ended with status {code}"

    def stop(self, *, grace_s: float) -> None:
        """Ask it to end; after `grace_s` seconds kill it and all it started.

        Raises `ServiceError` when it was killed and does not end all the same.
        """
        whole = family([self.identity])
        self.identity.send(signal.SIGTERM)
        if not until(lambda: not self.running(), timeout_s=grace_s):
            whole = [*family([self.identity]), *whole]
        kill(whole)
        if not until(lambda: not self.running(), timeout_s=KILLED_S):
            raise ServiceError(
                f"{self.name} (process {self.identity.pid}) was killed and has not ended within {KILLED_S:.0f} s.",
                "It waits for the kernel, most likely for a disk that does not answer: look at that one.",
            )
        until(lambda: not any(process.alive() for process in whole), timeout_s=grace_s)

    def tail(self) -> str:
        """The last lines of its log."""
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()
        return "\n".join(lines[-TAIL_LINES:])


def rotate(log: Path, *, limit: int = LOG_BYTES_MAX) -> None:
    """Keep `log` bounded: past `limit` bytes its content moves to `.1` and it starts anew.

    Copied and truncated, not renamed: the process that writes it keeps its file open for append.
    """
    with suppress(OSError):  # a log that cannot be bounded now is no reason to end whoever looks after it
        if log.stat().st_size > limit:
            with suppress(OSError):  # on a full disk room is worth more than old lines
                shutil.copyfile(log, log.with_name(f"{log.name}.1"))
            os.truncate(log, 0)
