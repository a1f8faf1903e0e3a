"""Brings tickets together with their orders while both stream by, in the order of ticket ids."""

from collections.abc import Iterable, Iterator
from itertools import groupby

from bson import ObjectId

from cluster.audit.facts import Order, Ticket

Group = tuple[ObjectId, Ticket | None, tuple[Order, ...]]
"""A ticket's id, the ticket, and its orders."""


def paired(tickets: Iterable[Ticket], orders: Iterable[Order]) -> Iterator[Group]:
    """Every ticket with its orders, and orders whose ticket does not exist with None.

    `tickets` must ascend by id and `orders` by ticket id. Holds the orders of one ticket at a time.
    """
    groups = ((ticket_id, tuple(group)) for ticket_id, group in groupby(orders, key=lambda each: each.ticket_id))
    waiting = next(groups, None)
    for ticket in tickets:
        while waiting and waiting[0] < ticket.id:
            yield waiting[0], None, waiting[1]
            waiting = next(groups, None)
        if waiting and waiting[0] == ticket.id:
            yield ticket.id, ticket, waiting[1]
            waiting = next(groups, None)
        else:
            yield ticket.id, ticket, ()
    while waiting:
        yield waiting[0], None, waiting[1]
        waiting = next(groups, None)
