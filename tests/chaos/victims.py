"""Finding the processes of an office, and ending them the hard way: by pid, and only its own."""

import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import psutil

from actors.contract import SERVICES
from tests.integration.crowd import Attempt, rush
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


def dedicated(office: Office, name: str) -> psutil.Process:
    """The process of the Ray actor `name`, found as an operator finds it: all of a kind have the same title."""
    pids = wait_for(f"an actor called {name}", lambda: [each["pid"] for each in office.actors(name)], every_s=1)
    return psutil.Process(pids[0])


def mongod(office: Office) -> psutil.Process:
    """The process of its MongoDB."""
    return wait_for("mongod", lambda: [each for each in titled(office, "mongod") if each.name() == "mongod"])[0]


def sandbox_of(office: Office) -> psutil.Process:
    """The process of its Stripe sandbox."""
    found = wait_for(
        "a sandbox", lambda: [each for each in titled(office, "cluster.sandbox") if "python" in each.name()]
    )
    return found[0]


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


def rush_while_it_dies(
    office: Office,
    victim: psutil.Process,
    ticket_ids: list[str],
    buyers: int,
    blow: Callable[[psutil.Process], object] = kill,
) -> list[Attempt]:
    """A rush in the middle of which a `blow` strikes `victim`: once the first buyer is told that he has his ticket.

    Raises:
        AssertionError: it was not the middle, for all tickets were given away by then. That wants more tickets.
    """
    is_granted = threading.Event()

    def told(attempt: Attempt) -> None:
        if attempt.status == 201:
            is_granted.set()

    def strike() -> tuple[float, float]:
        assert is_granted.wait(60), "missing after 60 s: the first grant"
        struck_s = time.monotonic()
        blow(victim)
        return struck_s, time.monotonic()

    with ThreadPoolExecutor(1) as killer:
        struck = killer.submit(strike)
        attempts = rush(office, ticket_ids, buyers, told)
        struck_s, gone_s = struck.result()
    first_s = min(each.answered_s for each in attempts)
    last_s = max(each.answered_s for each in attempts if each.status == 201)
    assert first_s < struck_s, "nobody was answered before the blow"
    assert gone_s < last_s, f"all {len(ticket_ids)} tickets were given away before the blow was over"
    return attempts
