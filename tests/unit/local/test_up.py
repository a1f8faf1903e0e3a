"""The life of `up` without its parts' programs: however it ends, all of it ends."""

import errno
import io
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import cast

import pytest
from rich.console import Console

from cluster import open_files
from cluster.local import mongo_url, partitions, ports
from cluster.local.child import Child
from cluster.local.errors import DatabaseError
from cluster.local.folder import DataFolder
from cluster.local.parts import Part
from cluster.local.record import RunRecord
from cluster.local.up import Up
from cluster.local.waiting import Patience, Stopped
from cluster.settings import Settings, load


class Interrupted(Patience):
    """Hears Ctrl-C at the first pause."""

    def listen(self) -> None:
        pass

    def until(self, condition: Callable[[], bool], *, timeout_s: float) -> bool:
        raise Stopped


class FakeChild:
    """A process that runs until it is stopped, which may fail."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.failure = failure
        self.stopped = False

    def running(self) -> bool:
        return not self.stopped

    def stop(self, *, grace_s: float) -> None:
        self.stopped = True
        if self.failure:
            raise self.failure


class Gone(io.StringIO):
    """A terminal that was closed."""

    def write(self, text: str) -> int:
        raise OSError(errno.EIO, "Input/output error")


def running(child: FakeChild, name: str) -> Part:
    part = Part(
        name=name,
        title=name,
        doing="",
        launch=lambda: cast("Child", child),
        works=lambda: True,
        start_s=1,
        stop_s=1,
    )
    part.begin()
    return part


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    before = os.umask(0o022)
    yield
    os.umask(before)


@pytest.fixture
def few_files() -> Iterator[None]:
    """As in a shell of Debian's."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path / "data")


def up(folder: DataFolder, monkeypatch: pytest.MonkeyPatch, *children: FakeChild, said: io.StringIO) -> Up:
    """A copy whose parts run, and which hears Ctrl-C at once."""
    it = Up(load({"BOXOFFICE_DATA_DIR": str(folder.path)}), Console(file=said))
    it.patience = Interrupted()
    it.parts = [running(child, f"part {number}") for number, child in enumerate(children)]
    monkeypatch.setattr(it, "_prepare", lambda: None)
    monkeypatch.setattr(it, "_start", lambda: None)
    return it


def test_every_part_ends_though_nobody_can_be_told(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    children = [FakeChild(), FakeChild(), FakeChild()]
    up(folder, monkeypatch, *children, said=Gone()).run()
    assert [child.stopped for child in children] == [True, True, True]
    assert not folder.run.exists()


def test_every_part_ends_though_one_cannot_be_ended(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    children = [FakeChild(), FakeChild(OSError("stubborn")), FakeChild()]
    with pytest.raises(OSError, match="stubborn"):
        up(folder, monkeypatch, *children, said=io.StringIO()).run()
    assert [child.stopped for child in children] == [True, True, True]
    assert not folder.run.exists()


def test_a_full_disk_at_the_end_does_not_hide_why_it_ended(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise RuntimeError("the first reason")

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    it = up(folder, monkeypatch, said=io.StringIO())
    it.record.first_port = 20_000
    monkeypatch.setattr(it, "_prepare", fail)
    monkeypatch.setattr(RunRecord, "save", full)
    with pytest.raises(RuntimeError, match="the first reason"):
        it.run()


def test_a_given_database_that_does_not_fit_is_refused_before_anything_starts(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def disagree(settings: Settings) -> None:
        raise DatabaseError(f"{settings.secret('MONGO_URL')} is divided otherwise.", "Set BOXOFFICE_PARTITIONS.")

    monkeypatch.setattr(ports, "demand_free", lambda *_: None)
    monkeypatch.setattr(mongo_url, "demand_replica_set", lambda _: None)
    monkeypatch.setattr(partitions, "demand_agreement", disagree)
    monkeypatch.setenv("MONGO_URL", "mongodb://given")
    it = Up(load({"BOXOFFICE_DATA_DIR": str(folder.path)}), Console(file=io.StringIO()))
    it.patience = Interrupted()
    with pytest.raises(DatabaseError, match="mongodb://given is divided otherwise"):
        it.run()
    assert it.parts == []
    assert not folder.record.exists()


def test_what_a_copy_writes_is_for_its_owner_alone(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.path.mkdir(mode=0o755)
    up(folder, monkeypatch, said=io.StringIO()).run()
    (folder.path / "stripe-sandbox.json").touch()
    assert (folder.path / "stripe-sandbox.json").stat().st_mode & 0o077 == 0


@pytest.mark.usefixtures("few_files")
def test_every_part_inherits_files_enough(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    inherited: list[int] = []
    it = up(folder, monkeypatch, said=io.StringIO())
    monkeypatch.setattr(it, "_start", lambda: inherited.append(resource.getrlimit(resource.RLIMIT_NOFILE)[0]))
    it.run()
    assert inherited == [min(open_files.most(), open_files.PLENTY)]
