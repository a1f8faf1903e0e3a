"""What a killed run left behind: found without trusting any name, and ended."""

import os
import signal
from contextlib import suppress
from pathlib import Path

import psutil

from cluster.local import signs
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity, family, kill
from cluster.local.record import RunRecord
from cluster.local.signs import Signs, Trace
from cluster.local.waiting import until

GRACE_S = 10.0
"""How long processes may take to end by themselves; MongoDB writes a checkpoint in that time."""


def find(folder: DataFolder, record: RunRecord | None) -> list[Identity]:
    """Living processes of an earlier run in this folder: recorded ones, their descendants, and orphans."""
    recorded = list(record.children.values()) if record else []
    return family([*recorded, *_orphans(folder, signs.of_all(folder))])


def of_ray(folder: DataFolder) -> list[Identity]:
    """What is left of Ray and Serve alone."""
    return family(_orphans(folder, signs.of_ray(folder)))


def _orphans(folder: DataFolder, wanted: Signs) -> list[Identity]:
    """Processes of this user that bear a sign of the copy, or are workers of Ray that write into its run folder.

    Workers overwrite their arguments and environment with a title, but not where their logs are.
    """
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    marked = (pid for pid in psutil.pids() if pid not in own and _is_marked(pid, folder, wanted))
    return [who for pid in marked if (who := Identity.of(pid))]


def _is_marked(pid: int, folder: DataFolder, wanted: Signs) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        if process.stat().st_uid != os.getuid():
            return False
        # An update of the packages replaces the file that a living process was started from.
        executable = (process / "exe").readlink().name.removesuffix(" (deleted)")
        trace = Trace(executable, (process / "cmdline").read_text(errors="replace").split("\0"))
    except OSError:
        return False
    return trace.bears(wanted) or (trace.is_worker() and _writes_into(process, folder.run))


def _writes_into(process: Path, folder: Path) -> bool:
    """Whether a process, which may end meanwhile, has a file open there."""
    with suppress(OSError):
        for each in (process / "fd").iterdir():
            with suppress(OSError):
                if each.readlink().is_relative_to(folder):
                    return True
    return False


def end(processes: list[Identity], *, grace_s: float = GRACE_S) -> None:
    """Ask every process to end, wait at most `grace_s` seconds, kill the rest."""
    for process in processes:
        process.send(signal.SIGTERM)
    until(lambda: not any(process.alive() for process in processes), timeout_s=grace_s)
    kill(processes)
    until(lambda: not any(process.alive() for process in processes), timeout_s=grace_s)
