"""What the processes of an office weigh, by who they are."""

import contextlib
import re
from collections import Counter

import psutil

from tests.chaos.victims import family
from tests.integration.office import Office

SUPERVISOR = re.compile(r"ray::(\w+)/\d+")


def weights_mib(office: Office) -> Counter[str]:
    """MiB by kind of process; proportional set size, so that shared pages count once in the sum."""
    found: Counter[str] = Counter()
    for process in family(office):
        with contextlib.suppress(psutil.Error):
            found[kind(process)] += process.memory_full_info().pss / 2**20
    return found


def kind(process: psutil.Process) -> str:
    """The service of a supervisor, `replicas`, `mongod`, or `others`."""
    if process.name() == "mongod":
        return "mongod"
    title = " ".join(process.cmdline())
    if title.startswith("ray::ServeReplica"):
        return "replicas"
    supervisor = SUPERVISOR.match(title)
    return supervisor[1] if supervisor else "others"
