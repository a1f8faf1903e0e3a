"""Tickets and orders by their ids: that there is one, and who may see an order."""

from bson import ObjectId

from actors.contract import NOT_THE_BUYER, ORDER_NOT_FOUND, TICKET_NOT_FOUND
from actors.runtime.codec import Document
from serve_app.reads import Reads
from serve_app.refusals import ApiError


async def known_ticket(reads: Reads, ticket_id: ObjectId) -> Document:
    """The ticket with this id.

    Raises:
        ApiError: there is none.
    """
    found = await reads.ticket(ticket_id)
    if found is None:
        raise ApiError(TICKET_NOT_FOUND)
    return found


async def own_order(reads: Reads, order_id: ObjectId, buyer: ObjectId, status: int | None = None) -> Document:
    """The buyer's order with this id; `status`, where it is given, is that of the answer to anybody else.

    Raises:
        ApiError: there is none, or somebody else has it.
    """
    found = await reads.order(order_id)
    if found is None:
        raise ApiError(ORDER_NOT_FOUND)
    if found["userId"] != buyer:
        raise ApiError(NOT_THE_BUYER, status=status)
    return found
