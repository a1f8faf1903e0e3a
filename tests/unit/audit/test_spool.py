"""Things that wait in a file."""

from collections.abc import Iterator

from bson import ObjectId

from cluster.audit.looks import Suspect
from cluster.audit.spool import spooled


def test_what_waits_comes_back_as_it_was() -> None:
    things = [Suspect(ObjectId(), (ObjectId(), ObjectId())), ObjectId(), "ann@example.com", None]
    assert list(spooled(things)) == things
    assert list(spooled([])) == []


def test_everything_is_taken_before_anything_is_given() -> None:
    taken: list[int] = []

    def things() -> Iterator[int]:
        for each in range(1_000):
            taken.append(each)
            yield each

    assert next(spooled(things())) == 0
    assert len(taken) == 1_000
