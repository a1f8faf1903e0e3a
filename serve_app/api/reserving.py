"""Reserving a ticket, from the question to the ticket to the order that comes into being."""

import asyncio
import logging

from bson import ObjectId
from pymongo.errors import PyMongoError

from actors.contract import (
    ORDERS,
    TICKET_RESERVED,
    TICKETS,
    CancelOrder,
    Granted,
    OrderReply,
    Reserve,
    TicketHeld,
)
from actors.runtime.codec import Document
from serve_app import views
from serve_app.answers import Answer, Json, answer
from serve_app.office import Office
from serve_app.refusals import OUTCOME_UNKNOWN, ApiError

log = logging.getLogger("boxoffice.api")

APPEARS_S = 10.0
"""Seconds within which a granted order comes into being, or nobody can say whether it did."""

FIRST_LOOK_S, LOOK_MAX_S = 0.02, 0.5
"""Seconds between looks for it: doubling from the first to the last."""

UNDO_TRIES = 3


class Reserving:
    """Asks tickets for holds."""

    def __init__(self, office: Office) -> None:
        """Ask at the desk of `office`."""
        self._office = office

    def refuse_at_once(self, ticket_id: ObjectId, asker: ObjectId) -> None:
        """Refuse what is held by somebody else without asking its ticket, where there is a lease.

        Only for a first try: a repetition may be about a hold that was granted.

        Raises:
            ApiError: it is reserved.
        """
        held = self._office.desk.leased(TICKETS, ticket_id, Reserve)
        if isinstance(held, TicketHeld) and held.user_id != asker:
            raise ApiError(TICKET_RESERVED)

    async def reserve(self, ticket_id: ObjectId, wish: Reserve, op: str) -> Answer:
        """201 with the order that holds the ticket.

        Raises:
            ApiError: it is reserved already, or the outcome is not known.
        """
        try:
            reply = await self._office.desk.ask(TICKETS, ticket_id, wish, op)
        except ApiError as error:
            if isinstance(held := error.refusals[0], TicketHeld):
                raise ApiError(held.to(wish.user_id)) from None
            raise
        match reply:
            case OrderReply():
                return _created(reply.status, views.order_of_reply(reply))
            case Granted():
                document = await self._appearance(wish.order_id)
                return _created(document["status"], views.order(document))
        raise TypeError(f"{reply!r} does not answer a reservation")

    async def undo(self, wish: Reserve, op: str) -> None:
        """Cancel the order again; should that fail, it stands among its buyer's orders until it expires."""
        for n in range(UNDO_TRIES):
            try:
                await self._office.desk.ask(ORDERS, wish.order_id, CancelOrder(user_id=wish.user_id), f"{op}/undo")
                return
            except ApiError as error:
                log.warning("order %s is not undone (try %d): %s", wish.order_id, n + 1, error)

    async def _appearance(self, order_id: ObjectId) -> Document:
        """The order, once it exists: after a crash the grant may be known a moment before the order is.

        Raises:
            ApiError: it did not appear in time.
        """
        loop = asyncio.get_running_loop()
        deadline, pause = loop.time() + APPEARS_S, FIRST_LOOK_S
        while (document := await self._seen(order_id)) is None:
            if loop.time() + pause > deadline:
                raise ApiError(OUTCOME_UNKNOWN)
            await asyncio.sleep(pause)
            pause = min(pause * 2, LOOK_MAX_S)
        return document

    async def _seen(self, order_id: ObjectId) -> Document | None:
        """The order if it can be seen now. That it cannot says nothing: the hold is granted, whoever can read it."""
        try:
            return await self._office.reads.order(order_id)
        except PyMongoError as error:
            log.warning("order %s was granted and cannot be read: %s", order_id, error)
            return None


def _created(status: str, order: Json) -> Answer:
    """The order, unless it is over already: the hold it answers for was given back."""
    if status == "cancelled":
        raise ApiError(TICKET_RESERVED)
    return answer(201, order)
