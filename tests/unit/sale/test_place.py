"""Where a sale may be held."""

import os
from pathlib import Path

import pytest

from cluster.local.errors import ProofError
from cluster.local.folder import DataFolder
from cluster.local.processes import Identity
from cluster.local.record import RunRecord
from cluster.sale.place import Place, books_of, is_loopback, place


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    me = Identity.of(os.getpid())
    assert me is not None
    RunRecord(owner=me, url="http://127.0.0.1:8000", mongo_url="mongodb://here").save(tmp_path / "run.json")
    (tmp_path / "jwt-key").write_text("k" * 64)
    return DataFolder(tmp_path)


def test_the_copy_that_runs_here_is_loaded_with_sessions_under_its_own_key(folder: DataFolder) -> None:
    for target, url in (
        (None, "127.0.0.1"),
        ("http://127.0.0.1:8000/", "127.0.0.1"),
        ("http://localhost:8000", "localhost"),
    ):
        found = place(folder, target, really=False, environ={})
        assert (found.url, found.jwt_key) == (f"http://{url}:8000", "k" * 64)
        assert books_of(found, folder, None, None, {"STRIPE_KEY": "sk_test_mine"}).mongo_url == "mongodb://here"


def test_what_runs_here_proves_nothing_about_another_place(folder: DataFolder) -> None:
    there = place(folder, "http://localhost:9", really=False, environ={})
    with pytest.raises(ProofError, match="which database") as caught:
        books_of(there, folder, None, None, {"STRIPE_KEY": "sk_test_mine"})
    assert "--api-only" in caught.value.advice
    assert (
        books_of(there, folder, "mongodb://there", None, {"STRIPE_KEY": "sk_test_mine"}).mongo_url == "mongodb://there"
    )


def test_elsewhere_everybody_signs_up_unless_the_key_is_given(folder: DataFolder) -> None:
    assert place(folder, "http://localhost:9", really=False, environ={}).jwt_key is None
    given = place(folder, "http://localhost:9", really=False, environ={"JWT_KEY": "mine"})
    assert given.jwt_key == "mine"
    assert "mine" not in repr(given)


def test_another_machine_must_really_be_meant(folder: DataFolder) -> None:
    with pytest.raises(ProofError, match="not this machine") as caught:
        place(folder, "https://tickets.example.com", really=False, environ={})
    assert caught.value.exit_status == 2
    assert place(folder, "https://tickets.example.com", really=True, environ={}).jwt_key is None


def test_a_copy_whose_key_came_from_its_environment_has_everybody_sign_up(folder: DataFolder) -> None:
    (folder.path / "jwt-key").unlink()
    found = place(folder, None, really=False, environ={})
    assert (found.is_own, found.jwt_key) == (True, None)
    assert not (folder.path / "jwt-key").exists(), "a key was made that opens nothing"


def test_without_a_marketplace_there_is_no_sale(tmp_path: Path) -> None:
    with pytest.raises(ProofError, match="does not run here"):
        place(DataFolder(tmp_path), None, really=False, environ={})


def test_what_runs_on_this_machine_is_known_by_its_name_or_as_the_copy_here() -> None:
    for url, is_own, is_here in (
        ("http://localhost:9", False, True),
        ("http://192.0.2.1", True, True),
        ("http://192.0.2.1", False, False),
    ):
        assert Place(url=url, is_own=is_own, jwt_key=None).is_here is is_here


def test_where_nothing_runs_no_address_is_ones_own(tmp_path: Path) -> None:
    for target in ("http://localhost", "https://127.0.0.1"):
        found = place(DataFolder(tmp_path), target, really=False, environ={})
        assert (found.is_own, found.jwt_key) == (False, None)
    assert list(tmp_path.iterdir()) == []


def test_the_record_of_a_copy_that_is_gone_lends_its_key_to_nobody(folder: DataFolder) -> None:
    gone = Identity(pid=2**22 + 1, started=0.0)
    RunRecord(owner=gone, url="http://127.0.0.1:8000").save(folder.record)
    found = place(folder, "http://127.0.0.1:8000", really=False, environ={})
    assert (found.is_own, found.jwt_key) == (False, None)


def test_a_port_that_is_not_said_is_known(folder: DataFolder) -> None:
    me = Identity.of(os.getpid())
    assert me is not None
    RunRecord(owner=me, url="http://127.0.0.1:80").save(folder.record)
    assert place(folder, "http://localhost", really=False, environ={}).is_own
    assert not place(folder, "https://localhost", really=False, environ={}).is_own


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
