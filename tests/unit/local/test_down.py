"""Ending a copy from outside: what could not be ended is not said to be."""

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.local import down
from cluster.local.errors import ServiceError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord


@pytest.fixture
def owner() -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


@pytest.fixture
def folder(tmp_path: Path, owner: subprocess.Popen[bytes]) -> DataFolder:
    """The data folder of a copy that runs."""
    who = Identity.of(owner.pid)
    assert who is not None
    folder = DataFolder(tmp_path)
    RunRecord(owner=who, url="http://127.0.0.1:8000").save(folder.record)
    return folder


def test_the_owner_is_asked_to_end(folder: DataFolder, owner: subprocess.Popen[bytes]) -> None:
    assert down.end(folder) == "Box Office at http://127.0.0.1:8000 is closed."
    assert owner.wait(10) == -signal.SIGTERM
    assert down.end(folder) == f"Nothing runs in {folder.path}."


def test_an_owner_that_cannot_be_ended_is_not_called_closed(
    folder: DataFolder, owner: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    # As another user's: no signal reaches it.
    monkeypatch.setattr(Identity, "send", lambda *_: None)
    monkeypatch.setattr(down, "END_S", 0)
    monkeypatch.setattr(down, "KILLED_S", 0)
    with pytest.raises(ServiceError, match="Some processes could not be ended"):
        down.end(folder)
    assert owner.poll() is None
