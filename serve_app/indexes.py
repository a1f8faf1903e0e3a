"""The indexes that the API's reads and its idempotency records rest on."""

from pymongo.asynchronous.database import AsyncDatabase

from actors.contract import ORDERS, TICKETS
from actors.runtime.codec import Document
from serve_app.ledger import COLLECTION, KEPT_S


async def prepare(database: AsyncDatabase[Document]) -> None:
    """Make the indexes; can be repeated. Accounts and single documents are found by `_id`."""
    await database.get_collection(TICKETS).create_index([("createdAt", 1), ("_id", 1)])
    await database.get_collection(ORDERS).create_index([("userId", 1), ("createdAt", 1), ("_id", 1)])
    await database.get_collection(COLLECTION).create_index("createdAt", expireAfterSeconds=KEPT_S)
