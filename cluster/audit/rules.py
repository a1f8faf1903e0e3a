"""The rules of holds: who may hold a ticket, for how long, and when it is sold. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from cluster.audit.facts import UNPAID, File, Hold, Order, Ticket
from cluster.audit.money_rules import money
from cluster.audit.status_rules import statuses
from cluster.audit.violation import Code, Violation, order as order_name, ticket as ticket_name
from cluster.counted import counted


def violations(file: File, now: datetime, grace: timedelta) -> list[Violation]:
    """Every rule that the ticket, its orders and their money break; `grace` is how late an expiry may be."""
    return [
        *statuses(file),
        *holds(file),
        *numbers(file),
        *balance(file),
        *overdue(file, now, grace),
        *money(file),
    ]


def holds(file: File) -> Iterator[Violation]:
    """One live order at most, which is the very one that the ticket names."""
    if file.ticket is None:
        for lost in file.orders:
            yield _about_order("order_without_ticket", "It is for a ticket that does not exist.", lost)
        return
    live = [each for each in file.orders if each.is_live]
    if len(live) > 1:
        names = tuple(order_name(each.id) for each in live)
        sentence = f"{len(live)} live orders have the same ticket."
        yield Violation("oversold", sentence, (ticket_name(file.ticket_id), *names))
    holder = file.ticket.hold.order_id if file.ticket.hold else None
    for each in live:
        if each.id != holder:
            sentence = f"It is {each.status}, but its ticket is held by {holder or 'nobody'}."
            yield _about_order("order_without_hold", sentence, each)
    if file.ticket.hold:
        holders = (each for each in file.orders if each.id == holder)
        yield from _hold(file.ticket, file.ticket.hold, next(holders, file.stranger))
    elif file.ticket.sold:
        yield Violation("sold_to_nobody", "It is sold, and nobody holds it.", (ticket_name(file.ticket_id),))


def _hold(ticket: Ticket, hold: Hold, holder: Order | None) -> Iterator[Violation]:
    """The ticket's holder is a live order for this very ticket."""
    both = (ticket_name(ticket.id), order_name(hold.order_id))
    if holder is None:
        yield Violation("hold_without_order", "The order that holds the ticket does not exist.", both)
    elif holder.ticket_id != ticket.id:
        sentence = f"The order that holds the ticket is for ticket {holder.ticket_id}."
        yield Violation("hold_of_other_ticket", sentence, (*both, ticket_name(holder.ticket_id)))
    elif not holder.is_live:
        yield Violation("hold_of_ended_order", "The order that holds the ticket is cancelled.", both)
    else:
        yield from _agreement(ticket, hold, holder)


def _agreement(ticket: Ticket, hold: Hold, holder: Order) -> Iterator[Violation]:
    """What the ticket says of its holder agrees with what the order says of itself."""
    both = (ticket_name(ticket.id), order_name(holder.id))
    if (hold.number, hold.user_id) != (holder.hold_number, holder.user_id):
        theirs = f"hold {holder.hold_number} of buyer {holder.user_id}"
        sentence = f"The ticket speaks of hold {hold.number} of buyer {hold.user_id}, the order of {theirs}."
        yield Violation("hold_differs", sentence, both)
    if ticket.price != holder.price:
        # While it is held nobody can edit it, and late money takes it at the price paid.
        sentence = f"The ticket goes for {ticket.price} cents, and its order says {holder.price}."
        yield Violation("price_differs", sentence, both)
    if ticket.sold and holder.status != "complete":
        yield Violation("sold_unpaid", f"The ticket is sold, and its order is {holder.status}.", both)
    if holder.status == "complete" and not ticket.sold:
        yield Violation("paid_unsold", "The order is complete, and its ticket is not sold.", both)


def numbers(file: File) -> Iterator[Violation]:
    """No two orders have the same hold, none has one that the ticket never gave, and the ticket's own is its last."""
    ticket = file.ticket
    if ticket and ticket.hold and ticket.hold.number != ticket.holds:
        sentence = f"It is held under hold {ticket.hold.number}, and has granted {ticket.holds}."
        yield Violation("hold_number_differs", sentence, (ticket_name(ticket.id),))
    times = Counter(each.hold_number for each in file.orders)
    for number in sorted(number for number, count in times.items() if count > 1):
        names = tuple(order_name(each.id) for each in file.orders if each.hold_number == number)
        sentence = f"{len(names)} orders were granted hold {number} of the ticket."
        yield Violation("hold_number_repeated", sentence, (ticket_name(file.ticket_id), *names))
    for each in file.orders:
        if ticket and each.hold_number > ticket.holds:
            sentence = f"It has hold {each.hold_number}; the ticket has granted {ticket.holds}."
            yield _about_order("hold_number_ahead", sentence, each)


def balance(file: File) -> Iterator[Violation]:
    """Every hold that the ticket ever granted was an order's, and orders are never removed.

    Of an order that has had a later hold, for its ticket was read before, only those before count.
    """
    if file.ticket is None or file.is_uncounted:
        return
    granted = file.ticket.holds if file.granted is None else file.granted
    had = sum((each.further_holds or 0) + (each.hold_number <= granted) for each in file.orders)
    sentence = f"It has granted {counted(granted, 'hold')}, and the orders that exist had {had:,} of them."
    if had < granted:
        yield Violation("order_missing", sentence, (ticket_name(file.ticket_id),))
    elif had > granted and not any(each.hold_number > granted for each in file.orders) and not any(numbers(file)):
        yield Violation("hold_number_differs", sentence, (ticket_name(file.ticket_id),))


def overdue(file: File, now: datetime, grace: timedelta) -> Iterator[Violation]:
    """An unpaid hold ends in time."""
    for each in file.orders:
        if each.status in UNPAID and each.expires_at + grace < now:
            late_s = (now - each.expires_at).total_seconds()
            sentence = f"It is {each.status} {late_s:.0f} s after it should have been paid or released."
            yield _about_order("hold_overdue", sentence, each)


def _about_order(code: Code, sentence: str, about: Order) -> Violation:
    return Violation(code, sentence, (order_name(about.id), ticket_name(about.ticket_id)))
