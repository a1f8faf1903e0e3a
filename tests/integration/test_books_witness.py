"""MongoDB as the witness of a sale: what it says of orders, and which tickets it misses."""

from datetime import timedelta

from bson import ObjectId
from pymongo.read_concern import ReadConcern

from actors.opening import Database
from cluster.sale.books_witness import BooksWitness
from cluster.sale.journal import Journal, Read
from tests.unit.sale.promises import promise, stored


async def test_an_order_is_read_with_all_that_a_promise_is_compared_with(database: Database) -> None:
    kept, early, gone = promise(), promise(), promise()
    journal = Journal()
    for each in (kept, early, gone):
        journal.reserved(each)
    await database["orders"].insert_many(
        [
            {"_id": kept.order_id, **stored(kept)},
            {"_id": early.order_id, **stored(early, status="cancelled")},
        ]
    )
    witness = BooksWitness(database=database, tickets=[])
    promises = list(journal.promises.values())
    assert await witness.over(promises) == {early.order_id}
    orders = await witness.stored(promises)
    assert orders[kept.order_id]["expiresAt"] - orders[kept.order_id]["createdAt"] == timedelta(seconds=900)
    found = {each.code: each.documents[0] for each in journal.broken(orders, Read(20.0, 21.0), grace_s=30)}
    assert found == {"ended_early": f"orders/{early.order_id}", "acknowledged_lost": f"orders/{gone.order_id}"}


async def test_a_ticket_that_was_listed_and_is_not_there_is_lost(database: Database) -> None:
    there, gone = ObjectId(), ObjectId()
    await database["tickets"].insert_one({"_id": there, "sold": False})
    majority = database.client.get_database(database.name, read_concern=ReadConcern("majority"))
    [found] = await BooksWitness(database=majority, tickets=[there, gone]).wrong([], {})
    assert (found.code, found.documents) == ("acknowledged_lost", (f"tickets/{gone}",))
