"""No office outlives its benchmark."""

import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from tests.benchmarks import offices
from tests.benchmarks.offices import end, family_of
from tests.integration.office import Office
from tests.waiting import wait_for

DEAF = """
import signal, subprocess, sys
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
print(flush=True)
input()
"""
"""A process that does not end when it is asked to, and one that it has started."""

OBEDIENT = "print(flush=True); input()"


def office(script: str) -> Office:
    """An office that is but this script; runs."""
    process = subprocess.Popen([sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    return Office(Path("nowhere"), process=process)


def close(one: Office) -> None:
    assert one.process is not None
    one.process.communicate()


def test_one_that_does_not_end_in_time_is_killed_with_all_it_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(offices, "END_S", 0.1)
    deaf = office(DEAF)
    everyone = family_of(deaf).members()
    assert len(everyone) == 2
    end(deaf)
    assert deaf.process is not None
    assert deaf.process.returncode == -9
    _, alive = psutil.wait_procs(everyone, timeout=10)
    assert not alive
    close(deaf)


def test_one_that_is_held_still_is_let_go_on_to_its_end() -> None:
    held = office(OBEDIENT)
    assert held.process is not None
    family_of(held).pause()
    wait_for("a process that stands still", lambda: psutil.Process(held.process.pid).status() == psutil.STATUS_STOPPED)
    end(held)
    assert held.process.returncode == -15
    end(held)  # again: it is over, and nothing is to be done
    close(held)
