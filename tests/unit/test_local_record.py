"""The record of a run, and whether the copy that wrote it runs."""

import os
from pathlib import Path

from cluster.local import record
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
