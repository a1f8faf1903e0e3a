"""What the store asks of MongoDB, and what it makes of the answers. How MongoDB answers is in the integration tests."""

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
from pymongo.errors import AutoReconnect
from pymongo.read_concern import ReadConcern

from actors.runtime.message import Decision, Key
from actors.runtime.mongo_store import MongoStore
from actors.runtime.snapshot import Snapshot
from actors.runtime.store import Conflict, Unknown

from .fakes import DAWN, virtually
from .toy import JARS, Jar, jars

STALE = {"index": 1, "code": 11000, "errmsg": "E11000 duplicate key error"}
BROKEN = {"index": 2, "code": 112, "errmsg": "WriteConflict"}
LATE = {"code": 64, "errmsg": "waiting for replication timed out"}
DONE = {"ok": 1, "n": 1}
NOTHING = {"ok": 1, "cursor": {"id": 0, "firstBatch": []}}
KEYS = ["red", "green", "blue"]


class FakeDatabase:
    """Notes the commands that it is sent, and answers each with `answer`; an exception is a lost connection."""

    def __init__(self, answer: dict[str, Any] | Exception) -> None:
        self.answer = answer
        self.commands: list[dict[str, Any]] = []
        self.options: dict[str, Any] = {}

    def get_collection(self, name: str, **options: Any) -> SimpleNamespace:
        self.options = options
        return SimpleNamespace(name=name, codec_options=None)

    async def command(self, command: dict[str, Any], codec_options: None = None) -> dict[str, Any]:
        self.commands.append(command)
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def store_in(database: FakeDatabase) -> MongoStore:
    return MongoStore(database, jars())  # type: ignore[arg-type]


def first(key: str) -> Snapshot:
    blank = Snapshot(key, Jar(id=key))
    return blank.after(Decision(blank.state.next()), "op", JARS, DAWN)


def second(key: str) -> Snapshot:
    return first(key).after(Decision(first(key).state.next(coins=9)), "op/2", JARS, DAWN)


async def all_together(ask: Callable[[Key], Awaitable[object]]) -> list[object]:
    """What each of three gets who ask in the same moment."""
    return await asyncio.gather(*(ask(key) for key in KEYS), return_exceptions=True)


@virtually
@pytest.mark.parametrize(
    ("trouble", "outcomes"),
    [
        ({}, [None, None, None]),
        ({"writeErrors": [STALE]}, [None, Conflict, None]),
        ({"writeErrors": [BROKEN]}, [Unknown, Unknown, Unknown]),
        ({"writeErrors": [STALE, BROKEN]}, [Unknown, Conflict, Unknown]),
        ({"writeConcernError": LATE}, [Unknown, Unknown, Unknown]),
        ({"writeErrors": [STALE], "writeConcernError": LATE}, [Unknown, Conflict, Unknown]),
    ],
)
async def test_who_is_stale_conflicts_and_any_other_trouble_puts_all_the_rest_in_doubt(
    trouble: dict[str, Any], outcomes: list[type[Exception] | None]
) -> None:
    store = store_in(FakeDatabase(DONE | trouble))

    answers = await all_together(lambda key: store.commit(first(key), None))

    assert [answer and type(answer) for answer in answers] == outcomes


@virtually
async def test_what_cannot_be_stored_fails_alone() -> None:
    database = FakeDatabase(DONE)
    store = store_in(database)

    red, green, blue = await asyncio.gather(
        *(store.commit(first(key), None) for key in ("red", "\ud800", "blue")), return_exceptions=True
    )

    assert (red, type(green), blue) == (None, UnicodeEncodeError, None)
    assert [each["_id"] for each in database.commands[0]["documents"]] == ["red", "blue"]


@virtually
@pytest.mark.parametrize(
    ("answer", "outcome"), [({"n": 3}, None), ({"n": 2}, Unknown), ({"n": 3, "writeConcernError": LATE}, Unknown)]
)
async def test_of_a_removal_that_is_not_whole_and_durable_nobody_is_sure(
    answer: dict[str, Any], outcome: type[Exception] | None
) -> None:
    store = store_in(FakeDatabase(DONE | answer))

    answers = await all_together(lambda key: store.remove(key, 1))

    assert [answer and type(answer) for answer in answers] == [outcome] * 3


@virtually
async def test_births_changes_and_removals_survive_the_loss_of_any_minority() -> None:
    database = FakeDatabase(DONE)
    store = store_in(database)

    await store.commit(first("blue"), None)
    await store.commit(second("blue"), None)
    await store.remove("blue", 1)

    assert [next(iter(command)) for command in database.commands] == ["insert", "update", "delete"]
    concerns = [command["writeConcern"] for command in database.commands]
    assert [(concern["w"], concern["j"]) for concern in concerns] == [("majority", True)] * 3


@virtually
async def test_clearing_an_outbox_waits_for_nobody() -> None:
    """What is cleared and then lost is delivered again, and recalled."""
    database = FakeDatabase(DONE)

    await store_in(database).clear({"blue": {"jars/blue/0.0"}})

    assert [command["writeConcern"] for command in database.commands] == [{"w": 1}]


@virtually
@pytest.mark.parametrize(
    "answer", [AutoReconnect("connection closed"), DONE | {"writeErrors": [BROKEN | {"index": 0}]}]
)
async def test_a_clearing_in_doubt_is_told(answer: dict[str, Any] | Exception) -> None:
    with pytest.raises(Unknown):
        await store_in(FakeDatabase(answer)).clear({key: {f"jars/{key}/0.0"} for key in KEYS})


@virtually
async def test_nothing_is_read_that_could_be_rolled_back() -> None:
    database = FakeDatabase(NOTHING)
    store = store_in(database)

    await store.load("blue")
    await store.versions_of(["blue"])
    await store.versions_of(KEYS)

    assert [command["readConcern"] for command in database.commands] == [{"level": "majority"}] * 3
    assert database.options["read_concern"] == ReadConcern("majority"), "scans and neighbours are read through it"


@virtually
@pytest.mark.parametrize(
    ("ask", "kind"),
    [
        (lambda store, key: store.commit(first(key), None), "insert"),
        (lambda store, key: store.commit(second(key), None), "update"),
        (lambda store, key: store.remove(key, 1), "delete"),
        (lambda store, key: store.load(key), "find"),
        (lambda store, key: store.versions_of([key]), "find"),
    ],
    ids=["birth", "change", "removal", "load", "version"],
)
async def test_a_lost_connection_leaves_everyone_in_the_group_in_doubt(ask: Any, kind: str) -> None:
    database = FakeDatabase(AutoReconnect("connection closed"))
    store = store_in(database)

    answers = await all_together(lambda key: ask(store, key))

    assert [kind in command for command in database.commands] == [True], "one command for all of them, and no second"
    assert [type(answer) for answer in answers] == [Unknown] * len(KEYS)
