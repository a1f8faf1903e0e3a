"""Tickets in an office's database as the office itself would have written them, and sessions for buyers."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bson import ObjectId
from pymongo import WriteConcern
from pymongo.database import Database

from actors.contract import TICKETS, CreateTicket
from actors.runtime.clock import SystemClock
from actors.runtime.codec import Document
from actors.runtime.snapshot import Snapshot, to_stored
from actors.ticket import TicketBehaviour
from cluster.audit.batches import batches
from serve_app.sessions import Sessions

TITLE = "Flash sale, row {row}, seat {seat}"
PRICE = 1999
SELLER = ObjectId("5e11e75e11e75e11e75e11e7")
SEATS = 100
BATCH = 1_000


def sessions(key: str, count: int) -> list[str]:
    """Session tokens of so many new buyers, as sign-in makes them."""
    signer, users = Sessions(key, SystemClock(), secure=False), (ObjectId() for _ in range(count))
    return [signer.opened(user, f"{user}@example.com").split(";")[0].partition("=")[2] for user in users]


def tickets(database: Database[dict[str, Any]], count: int) -> list[str]:
    """The ids of so many new tickets on sale, stored in an office's `database`."""
    now = SystemClock().now()
    ids = [ObjectId() for _ in range(count)]
    store(database, TICKETS, (listed(ticket_id, title(n), now) for n, ticket_id in enumerate(ids)))
    return [str(ticket_id) for ticket_id in ids]


def ids(count: int) -> list[str]:
    """So many new ids, of tickets that nobody stores."""
    return [str(ObjectId()) for _ in range(count)]


def title(n: int) -> str:
    """The title of the n-th ticket."""
    return TITLE.format(row=n // SEATS + 1, seat=n % SEATS + 1)


def listed(ticket_id: ObjectId, title: str, now: datetime) -> Document:
    """A ticket that was put on sale, and whose news has reached everyone: what the rules decide, as it is stored."""
    rules = TicketBehaviour()
    empty = rules.empty(ticket_id)
    decision = rules.decide(empty, CreateTicket(user_id=SELLER, title=title, price=PRICE), now)
    snapshot = Snapshot(ticket_id, empty).after(decision, f"seed-{ticket_id}", TICKETS, now)
    told = snapshot.without({entry.id for entry in snapshot.outbox})
    return {"_id": ticket_id, **to_stored(told, None)}


def store(database: Database[dict[str, Any]], name: str, documents: Iterable[Document]) -> None:
    """Insert `documents` in batches, journaled."""
    collection = database.get_collection(name, write_concern=WriteConcern(w="majority", j=True))
    for batch in batches(documents, BATCH):
        collection.insert_many(batch, ordered=False)
