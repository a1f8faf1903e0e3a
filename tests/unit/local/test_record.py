"""The record of a run, and whether the copy that wrote it runs."""

import os
from pathlib import Path

import pytest

from cluster.local import record
from cluster.local.errors import FolderError
from cluster.local.processes import Identity
from cluster.local.record import RunRecord

GONE = Identity(pid=2**22 + 1, started=0.0)


def test_only_the_record_of_a_copy_that_runs_counts_as_living(tmp_path: Path) -> None:
    path, me = tmp_path / "run.json", Identity.of(os.getpid())
    assert me is not None
    assert record.load_living(path) is None
    RunRecord(owner=GONE).save(path)
    assert record.load_living(path) is None
    RunRecord(owner=me, database="shop").save(path)
    found = record.load_living(path)
    assert found is not None and found.database == "shop"


def test_a_record_that_may_not_be_read_is_another_users_and_not_nobodys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The tests may run as root, who may read everything.
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_text", refuse)
    with pytest.raises(FolderError, match=f"{tmp_path} belongs to another user") as caught:
        record.load(tmp_path / "run.json")
    assert caught.value.advice == "Run it as that user."
    assert record.load_living(tmp_path / "run.json") is None
