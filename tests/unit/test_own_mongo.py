"""Which MongoDB is asked about the copy that runs here."""

import pytest

from cluster.local.processes import Identity
from cluster.local.record import RunRecord
from cluster.own_mongo import hello, partitions_of, url_of

KNOWN = RunRecord(owner=Identity(1, 0.0), mongo_url="mongodb://here:27017/")


@pytest.mark.parametrize(
    ("given", "asked"),
    [
        (None, KNOWN.mongo_url),
        ("mongodb://user:password@here:27017/?tls=true", "mongodb://user:password@here:27017/?tls=true"),
        ("mongodb://user:password@elsewhere:27017", KNOWN.mongo_url),
    ],
)
def test_the_shell_gives_the_password_for_this_one_and_no_other_one(given: str | None, asked: str) -> None:
    assert url_of(KNOWN, {"MONGO_URL": given} if given else {}) == asked


@pytest.mark.parametrize("url", ["", "mongodb://127.0.0.1:99999/", "mongodb://user:a%zz@here/"])
def test_a_url_that_is_none_is_one_that_does_not_answer(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MONGO_URL", url)
    known = RunRecord(owner=KNOWN.owner, mongo_url=url)
    assert (hello(url_of(known)), partitions_of(known)) == ({"answers": False}, None)
