"""The data folder: its lock, its secrets, its run folder, and the record that lies in it."""

import stat
from pathlib import Path

import pytest

from cluster.local import record
from cluster.local.errors import FolderError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord


def test_a_claimed_folder_cannot_be_claimed_again(tmp_path: Path) -> None:
    owner = DataFolder(tmp_path / "data")
    owner.claim()
    with pytest.raises(FolderError, match=r"is in use by a running copy \(process \d+\)"):
        DataFolder(tmp_path / "data").claim()
    owner.release()
    assert not owner.run.exists()


def test_a_folder_that_cannot_be_made_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(FolderError, match=f"{tmp_path}/file/data cannot be written"):
        DataFolder(tmp_path / "file" / "data").claim()


def test_a_run_folder_that_is_a_link_is_refused(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    (tmp_path / "elsewhere").mkdir()
    folder.run.symlink_to(tmp_path / "elsewhere")
    try:
        with pytest.raises(FolderError):
            folder.claim()
    finally:
        folder.run.unlink()


def test_two_names_of_one_folder_share_a_run_folder_and_two_folders_do_not(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "a")
    assert DataFolder(tmp_path / "a").run == DataFolder(tmp_path / "link").run
    assert DataFolder(tmp_path / "a").run != DataFolder(tmp_path / "b").run


def test_the_run_folder_leaves_room_for_sockets(tmp_path: Path) -> None:
    deep = tmp_path / ("d" * 100) / ("e" * 100)
    node = "f" * 56
    assert len(str(DataFolder(deep).run / "h" / node / "s.1234567.tmp")) < 97


def test_a_secret_is_made_once_and_readable_by_its_owner_alone(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    assert folder.kept("jwt-key") is None
    first = folder.secret("jwt-key")
    assert folder.kept("jwt-key") == first
    assert len(first) == 64
    assert DataFolder(tmp_path).secret("jwt-key") == first
    assert stat.S_IMODE((tmp_path / "jwt-key").stat().st_mode) == 0o600


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    written = RunRecord(owner=Identity(1, 2.5), url="http://x", children={"mongod": Identity(3, 4.25)})
    written.save(tmp_path / "run.json")
    assert record.load(tmp_path / "run.json") == written


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"owner": {"pid": 1}, "children": {}}'])
def test_a_record_that_cannot_be_understood_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "run.json").write_text(text)
    assert record.load(tmp_path / "run.json") is None
    assert record.load(tmp_path / "absent.json") is None
