"""Where the sandbox of a copy keeps its books: each database has an account of its own at Stripe."""

from pathlib import Path

from cluster.local import signs
from cluster.local.folder import DataFolder
from cluster.local.signs import Trace

HERE = Path("/x/.boxoffice")


def test_the_usual_database_keeps_its_file() -> None:
    assert DataFolder(HERE).sandbox == DataFolder(HERE, "boxoffice").sandbox == HERE / "stripe-sandbox.json"


def test_another_one_has_another() -> None:
    assert DataFolder(HERE, "rehearsal").sandbox == HERE / "stripe-sandbox-rehearsal.sqlite3"


def test_a_sandbox_is_known_by_its_file() -> None:
    folder = DataFolder(HERE, "rehearsal")
    trace = Trace("python3.11", ["python", "-m", "cluster.sandbox", "--data", str(folder.sandbox)])
    assert trace.bears(signs.of_all(folder))
    assert not trace.bears(signs.of_all(DataFolder(HERE)))
