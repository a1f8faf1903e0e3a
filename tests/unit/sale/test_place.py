"""Where a sale may be held."""

import os
from pathlib import Path

import pytest

from cluster.audit.sources import Sources
from cluster.local.errors import ProofError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord
from cluster.sale.place import is_loopback, place

WHERE = Sources(mongo_url="mongodb://here", database="boxoffice", stripe_key="sk_test_x", stripe_api_base=None)


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    me = Identity.of(os.getpid())
    assert me is not None
    RunRecord(owner=me, url="http://127.0.0.1:8000").save(tmp_path / "run.json")
    (tmp_path / "jwt-key").write_text("k" * 64)
    return DataFolder(tmp_path)


def test_the_copy_that_runs_here_is_loaded_with_sessions_under_its_own_key(folder: DataFolder) -> None:
    for target in (None, "http://127.0.0.1:8000/"):
        found = place(folder, target, WHERE, really=False, environ={})
        assert (found.url, found.jwt_key) == ("http://127.0.0.1:8000", "k" * 64)


def test_elsewhere_everybody_signs_up_unless_the_key_is_given(folder: DataFolder) -> None:
    assert place(folder, "http://localhost:9", WHERE, really=False, environ={}).jwt_key is None
    given = place(folder, "http://localhost:9", WHERE, really=False, environ={"JWT_KEY": "mine"})
    assert given.jwt_key == "mine"
    assert "mine" not in repr(given)


def test_another_machine_must_really_be_meant(folder: DataFolder) -> None:
    with pytest.raises(ProofError, match="not this machine") as caught:
        place(folder, "https://tickets.example.com", WHERE, really=False, environ={})
    assert caught.value.exit_status == 2
    assert place(folder, "https://tickets.example.com", WHERE, really=True, environ={}).jwt_key is None


def test_without_a_marketplace_there_is_no_sale(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="does not run here"):
        place(DataFolder(tmp_path), None, WHERE, really=False, environ={})


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://127.0.0.1:8000", True),
        ("http://127.8.8.8", True),
        ("http://[::1]:8000", True),
        ("http://localhost:8000", True),
        ("http://localhost.example.com", False),
        ("http://127.0.0.1.example.com", False),
        ("http://127.0.0.1@example.com", False),
        ("http://10.0.0.1", False),
        ("nonsense", False),
    ],
)
def test_this_machine_is_known_by_its_very_name(url: str, expected: bool) -> None:
    assert is_loopback(url) is expected
