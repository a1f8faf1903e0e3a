"""Processes are told apart by pid and start time, and found with all they started."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from cluster.local.processes import Identity, family, kill
from cluster.local.waiting import until

PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', 'input()'])"
"""A process that starts another and waits for it; both end when their standard input does."""


@pytest.fixture
def parent() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", PARENT], stdin=subprocess.PIPE)
    yield process
    kill(family([who] if (who := Identity.of(process.pid)) else []))
    process.communicate()


def identity(pid: int) -> Identity:
    who = Identity.of(pid)
    assert who is not None
    return who


def test_a_process_knows_itself() -> None:
    assert identity(os.getpid()).alive()
    assert identity(os.getpid()) == identity(os.getpid())


def test_the_same_pid_with_another_start_is_another_process() -> None:
    me = identity(os.getpid())
    earlier = replace(me, started=me.started - 1)
    assert not earlier.alive()
    earlier.send(signal.SIGKILL)  # reaches nobody: this test goes on


def test_a_zombie_is_dead(parent: subprocess.Popen[bytes]) -> None:
    who = identity(parent.pid)
    who.send(signal.SIGKILL)
    assert until(lambda: not who.alive(), timeout_s=10), "the killed process still counts as alive"
    assert parent.returncode is None, "it was reaped already, so this test showed nothing"
    assert Identity.of(parent.pid) is None


def test_family_is_the_process_and_all_it_started(parent: subprocess.Popen[bytes]) -> None:
    who = identity(parent.pid)
    assert until(lambda: len(family([who])) == 2, timeout_s=10), "the grandchild was not found"
    whole = family([who])
    assert whole[0] == who
    kill(whole)
    assert until(lambda: not any(one.alive() for one in whole), timeout_s=10), "somebody survived SIGKILL"
    assert family([who]) == []


def test_family_of_a_stranger_with_an_old_pid_is_empty(parent: subprocess.Popen[bytes]) -> None:
    who = identity(parent.pid)
    assert family([replace(who, started=who.started + 5)]) == []
