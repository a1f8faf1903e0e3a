"""Finding the processes of an office, and ending them the hard way: by pid, and only its own."""

import os
import signal

import psutil

from actors.contract import SERVICES
from tests.integration.office import Office
from tests.waiting import wait_for


def family(office: Office) -> list[psutil.Process]:
    """Every process of this office but `boxoffice up` itself."""
    assert office.process is not None
    return psutil.Process(office.process.pid).children(recursive=True)


def titled(office: Office, title: str) -> list[psutil.Process]:
    """The processes whose command line contains `title`, as `ps` shows it."""
    found = []
    for process in family(office):
        try:
            if title in " ".join(process.cmdline()):
                found.append(process)
        except psutil.Error:
            continue
    return found


def supervisor(office: Office, service: str, partition: int = 0) -> psutil.Process:
    """The process of one supervisor."""
    assert service in SERVICES
    title = f"ray::{service}/{partition}"
    return wait_for(f"a process called {title}", lambda: titled(office, title))[0]


def kill(process: psutil.Process) -> int:
    """`kill -9`, and wait until it is gone; its pid."""
    os.kill(process.pid, signal.SIGKILL)
    wait_for(f"the end of process {process.pid}", lambda: not _lives(process))
    return process.pid


def _lives(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
