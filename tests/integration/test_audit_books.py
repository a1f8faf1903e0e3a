"""The audit's reading of a real MongoDB: which databases there is something to prove of, and orders by their ids."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bson import ObjectId
from pymongo import MongoClient

from actors.contract import EXPIRATION
from actors.opening import Database
from actors.runtime.partition_record import agree
from cluster.audit import books as books_module
from cluster.audit.books import Books
from cluster.audit.facts import Account
from cluster.audit.run import audit, demand_office
from cluster.audit.settling import Patience
from cluster.audit.sources import Sources
from cluster.local.errors import ProofError
from tests.unit.audit.facts import NOW


def where(mongo_url: str, database: str) -> Sources:
    return Sources(mongo_url=mongo_url, database=database, stripe_key="sk_test_x", stripe_api_base="http://127.0.0.1:9")


async def test_where_no_office_ever_ran_nothing_can_be_proven(mongo_url: str, database: Database) -> None:
    empty = where(mongo_url, database.name)
    for look in (lambda: demand_office(empty), lambda: audit_of(empty)):
        with pytest.raises(ProofError, match=f"ever ran in the database {database.name}") as caught:
            await asyncio.to_thread(look)
        assert caught.value.exit_status == 2
    await agree(database, partitions=1)
    with pytest.raises(ProofError, match="Stripe could not be asked"):
        await asyncio.to_thread(demand_office, empty)


@pytest.mark.parametrize("url", ["mongodb://u:pa/ss@host/", "mongodb://host:270170", "mongo://host"])
def test_what_is_no_url_is_said_without_its_password(url: str) -> None:
    with pytest.raises(ProofError, match="no MongoDB URL") as caught:
        demand_office(where(url, "shop"))
    assert "pa/ss" not in f"{caught.value.sentence} {caught.value.advice}"
    assert caught.value.exit_status == 2


def test_the_clock_is_that_of_the_machine_that_keeps_the_books(books: tuple[Books, Any]) -> None:
    reader, _ = books
    assert abs(reader.now() - datetime.now(UTC)) < timedelta(seconds=5)


def audit_of(place: Sources) -> None:
    audit(place, grace=timedelta(0), patience=Patience(), progress=lambda *_: None)


@pytest.fixture
def books(mongo_url: str) -> Iterator[tuple[Books, Any]]:
    with MongoClient[dict[str, Any]](mongo_url, tz_aware=True) as client:
        database = client[f"test-{ObjectId()}"]
        yield Books(database), database
        client.drop_database(database.name)


def test_orders_are_found_again_by_their_ids_however_many(
    books: tuple[Books, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(books_module, "IDS_MAX", 2)
    reader, database = books
    ids = [ObjectId() for _ in range(5)]
    ticket = {"id": ObjectId(), "price": 1999}
    order = {"ticket": ticket, "userId": ObjectId(), "status": "created", "holdNumber": 1, "expiresAt": NOW}
    database.orders.insert_many([order | {"_id": each} for each in ids])
    found = list(reader.orders_again([*ids[1:], ObjectId()]))
    assert sorted(each.id for each in found) == ids[1:]
    assert {each.ticket_id for each in found} == {ticket["id"]}
    assert sorted(each.id for each in reader.orders_for([ObjectId(), ticket["id"]])) == ids


def test_orders_that_wait_for_their_end_are_found_and_which_of_them_have_a_timer(books: tuple[Books, Any]) -> None:
    reader, database = books
    old = NOW - timedelta(minutes=1)
    order = {"status": "created", "createdAt": old}
    changes: list[dict[str, Any]] = [
        {},
        {"status": "awaiting:payment"},
        {"status": "awaiting:payment", "stopping": "expired"},
        {"status": "complete"},
        {"createdAt": NOW},
    ]
    ids = [ObjectId() for _ in changes]
    database.orders.insert_many([{"_id": each, **order, **change} for each, change in zip(ids, changes, strict=True)])
    assert set(reader.unpaid(NOW)) == set(ids[:2])
    assert list(reader.unpaid(NOW, ids[1:])) == [ids[1]]
    database.expiration.insert_one({"_id": ids[0]})
    assert reader.existing(ids, EXPIRATION) == {ids[0]}


def test_what_the_payments_service_keeps_is_read_whatever_was_tried(books: tuple[Books, Any]) -> None:
    reader, database = books
    tried, stopped = ObjectId(), ObjectId()
    attempt = {"phase": "succeeded", "stripeId": "pi_1", "amount": 1999}
    database.payments.insert_many(
        [
            {"_id": tried, "status": "open", "attempt": attempt, "past": [{"phase": "failed"}]},
            {"_id": stopped, "status": "unknown", "past": []},
        ]
    )
    found = {each.order_id: each for each in reader.accounts()}
    tries = {"phases": ("succeeded", "failed"), "takings": (("pi_1", 1999),)}
    assert found[tried] == Account(order_id=tried, status="open", **tries)
    assert list(reader.accounts([stopped])) == [found[stopped]]
