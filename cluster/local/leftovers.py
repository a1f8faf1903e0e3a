"""What a killed run left behind: found without trusting any name, and ended."""

import os
import signal
from pathlib import Path

import psutil

from cluster.local.folder import DataFolder
from cluster.local.processes import Identity, family, kill
from cluster.local.record import RunRecord
from cluster.local.waiting import until

GRACE_S = 10.0
"""How long processes may take to end by themselves; MongoDB writes a checkpoint in that time."""


PROGRAMS = ("mongod", "gcs_server", "raylet", "haproxy", "python")
"""Programs that a run consists of; somebody who reads a log with another one is left alone."""


def find(folder: DataFolder, record: RunRecord | None) -> list[Identity]:
    """Living processes of an earlier run in this folder: recorded ones, their descendants, and orphans."""
    recorded = list(record.children.values()) if record else []
    marks = [f"{folder.run}/", str(folder.mongo), str(folder.sandbox)]
    return family([*recorded, *_orphans(marks)])


def of_ray(folder: DataFolder) -> list[Identity]:
    """What is left of Ray and Serve alone."""
    return family(_orphans([f"{folder.run}/"]))


def _orphans(marks: list[str]) -> list[Identity]:
    """Processes of this user that name one of the copy's own paths in an argument or as standard output.

    Ray's workers overwrite their arguments and environment with a title, but not where their output goes.
    """
    own = {os.getpid(), *(parent.pid for parent in psutil.Process().parents())}
    marked = (pid for pid in psutil.pids() if pid not in own and _carries(pid, marks))
    return [who for pid in marked if (who := Identity.of(pid))]


def _carries(pid: int, marks: list[str]) -> bool:
    process = Path(f"/proc/{pid}")
    try:
        if process.stat().st_uid != os.getuid() or not (process / "exe").readlink().name.startswith(PROGRAMS):
            return False
        traces = [*(process / "cmdline").read_text(errors="replace").split("\0"), str((process / "fd/1").readlink())]
    except OSError:
        return False
    return any(mark in trace for trace in traces for mark in marks)


def end(processes: list[Identity], *, grace_s: float = GRACE_S) -> None:
    """Ask every process to end, wait at most `grace_s` seconds, kill the rest."""
    for process in processes:
        process.send(signal.SIGTERM)
    until(lambda: not any(process.alive() for process in processes), timeout_s=grace_s)
    kill(processes)
    until(lambda: not any(process.alive() for process in processes), timeout_s=grace_s)
