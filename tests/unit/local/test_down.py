"""Ending a copy from outside: what could not be ended is not said to be."""

import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from cluster.local import down
from cluster.local.errors import FolderError, ServiceError
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
    with pytest.raises(ServiceError, match=f"Some processes could not be ended: {owner.pid}."):
        down.end(folder)
    assert owner.poll() is None


@pytest.fixture
def unrecorded(tmp_path: Path) -> Iterator[DataFolder]:
    """The data folder of a copy whose run.json is gone."""
    folder = DataFolder(tmp_path / "data")
    yield folder
    folder.release()


@pytest.fixture
def mongod(tmp_path: Path, unrecorded: DataFolder) -> Iterator[subprocess.Popen[bytes]]:
    """What runs in that folder."""
    program = tmp_path / "mongod"
    shutil.copy(Path("/bin/sh").resolve(), program)
    command = [program, "-c", "read _", "--dbpath", str(unrecorded.mongo)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


def test_what_a_killed_run_left_behind_is_ended_though_its_record_is_gone(
    unrecorded: DataFolder, mongod: subprocess.Popen[bytes]
) -> None:
    said = down.end(unrecorded)
    assert said == f"1 processes that an earlier run left behind in {unrecorded.path} are ended."
    assert mongod.wait(10) == -signal.SIGTERM


def test_a_copy_that_runs_without_its_record_is_named_and_left_alone(
    unrecorded: DataFolder, mongod: subprocess.Popen[bytes]
) -> None:
    running = DataFolder(unrecorded.path)
    running.claim()
    with pytest.raises(FolderError, match=r"in use by a running copy \(process \d+\)") as refused:
        down.end(unrecorded)
    assert "`kill`" in refused.value.advice
    assert mongod.poll() is None


def test_a_folder_in_which_nothing_runs_is_not_made(unrecorded: DataFolder) -> None:
    assert down.end(unrecorded) == f"Nothing runs in {unrecorded.path}."
    assert not unrecorded.path.exists()
