"""Ending a part is bounded, and so are the logs of the parts, which are never a reason to end anything."""

import errno
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.local import child as module
from cluster.local.child import Child, rotate
from cluster.local.errors import ServiceError
from cluster.local.processes import Identity


@pytest.fixture
def log(tmp_path: Path) -> Path:
    log = tmp_path / "ray.log"
    log.write_text("many lines")
    return log


def test_a_log_that_has_grown_is_moved_away(log: Path) -> None:
    rotate(log, limit=10)
    assert log.read_text() == "many lines"
    rotate(log, limit=9)
    assert (log.read_text(), log.with_name("ray.log.1").read_text()) == ("", "many lines")


def test_on_a_full_disk_it_is_emptied(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(shutil, "copyfile", full)
    rotate(log, limit=0)
    assert log.read_text() == ""


def test_a_log_that_cannot_be_changed_is_left(log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("os.truncate", refuse)
    rotate(log, limit=0)
    rotate(log.with_name("absent.log"))
    assert log.read_text() == "many lines"


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Child]:
    """A part that does nothing for longer than any test."""
    child = Child("mongod", ["sleep", "600"], log=tmp_path / "mongod.log", env=dict(os.environ))
    yield child
    child.stop(grace_s=10)


def test_a_part_is_ended(sleeper: Child) -> None:
    sleeper.stop(grace_s=10)
    assert sleeper.fate() == "killed by SIGTERM"


def test_a_part_that_outlives_its_kill_is_named_and_not_waited_for(sleeper: Child) -> None:
    # Given a part that no signal ends, as one that waits for a disk,
    with pytest.MonkeyPatch.context() as kernel:
        kernel.setattr(Identity, "send", lambda *_: None)
        kernel.setattr(module, "KILLED_S", 0)
        # then whoever ends it hears of it.
        pid = sleeper.identity.pid
        with pytest.raises(ServiceError, match=rf"mongod \(process {pid}\) was killed and has not ended within 0 s"):
            sleeper.stop(grace_s=0)
    assert sleeper.running()
