"""The indexes that the API's reads and its idempotency records rest on."""

from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import ORDERS, TICKETS
from actors.runtime.codec import Document
from serve_app.ledger import COLLECTION, KEPT_S
from serve_app.reads import PAID


async def prepare(database: AsyncDatabase[Document]) -> None:
    """Make the indexes; can be repeated. Accounts and single documents are found by `_id`.

    A hold changes no field that is indexed on a ticket, and an unpaid order is not in the index of sales: neither
    costs the way of an order anything.
    """
    tickets, orders = database.get_collection(TICKETS), database.get_collection(ORDERS)
    await tickets.create_index([("createdAt", 1), ("_id", 1)])
    await tickets.create_index([("price", 1), ("_id", 1)])
    await tickets.create_index([("userId", 1), ("createdAt", 1), ("_id", 1)])
    await orders.create_index([("userId", 1), ("createdAt", 1), ("_id", 1)])
    paid = {"payment.status": {"$in": list(PAID)}}
    await orders.create_index([("ticket.userId", 1), ("createdAt", 1)], partialFilterExpression=paid)
    await database.get_collection(COLLECTION).create_index("createdAt", expireAfterSeconds=KEPT_S)
