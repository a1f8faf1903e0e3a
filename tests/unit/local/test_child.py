"""Logs of the parts stay bounded, and are never a reason to end anything."""

import errno
import shutil
from pathlib import Path

import pytest

from cluster.local.child import rotate


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
