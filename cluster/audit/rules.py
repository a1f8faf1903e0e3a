"""The rules of holds: who may hold a ticket, for how long, and when it is sold. Pure."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta

from cluster.audit.facts import UNPAID, File, Order, Ticket
from cluster.audit.money_rules import money
from cluster.audit.violation import Code, Violation, order as order_name, ticket as ticket_name


def violations(file: File, now: datetime, grace: timedelta) -> list[Violation]:
    """Every rule that the ticket, its orders and their money break; `grace` is how late an expiry may be."""
    return [*holds(file), *numbers(file), *overdue(file, now, grace), *money(file)]


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
    yield from _hold(file.ticket, next((each for each in file.orders if each.id == holder), None))


def _hold(ticket: Ticket, holder: Order | None) -> Iterator[Violation]:
    """What the ticket says of its holder agrees with what the order says of itself."""
    hold = ticket.hold
    if hold is None:
        if ticket.sold:
            yield Violation("sold_to_nobody", "It is sold, and nobody holds it.", (ticket_name(ticket.id),))
        return
    both = (ticket_name(ticket.id), order_name(hold.order_id))
    if holder is None:
        yield Violation("hold_without_order", "The order that holds the ticket does not exist.", both)
        return
    if not holder.is_live:
        yield Violation("hold_of_ended_order", "The order that holds the ticket is cancelled.", both)
        return
    if (hold.number, hold.user_id) != (holder.hold_number, holder.user_id):
        theirs = f"hold {holder.hold_number} of buyer {holder.user_id}"
        sentence = f"The ticket speaks of hold {hold.number} of buyer {hold.user_id}, the order of {theirs}."
        yield Violation("hold_differs", sentence, both)
    if ticket.sold and holder.status != "complete":
        yield Violation("sold_unpaid", f"The ticket is sold, and its order is {holder.status}.", both)
    if holder.status == "complete" and not ticket.sold:
        yield Violation("paid_unsold", "The order is complete, and its ticket is not sold.", both)


def numbers(file: File) -> Iterator[Violation]:
    """No two orders were granted the same hold, and none was granted a hold that the ticket never gave."""
    counted = Counter(each.hold_number for each in file.orders)
    for number in sorted(number for number, count in counted.items() if count > 1):
        names = tuple(order_name(each.id) for each in file.orders if each.hold_number == number)
        sentence = f"{len(names)} orders were granted hold {number} of the ticket."
        yield Violation("hold_number_repeated", sentence, (ticket_name(file.ticket_id), *names))
    for each in file.orders:
        if file.ticket and each.hold_number > file.ticket.holds:
            sentence = f"It has hold {each.hold_number}; the ticket has granted {file.ticket.holds}."
            yield _about_order("hold_number_ahead", sentence, each)


def overdue(file: File, now: datetime, grace: timedelta) -> Iterator[Violation]:
    """An unpaid hold ends in time."""
    for each in file.orders:
        if each.status in UNPAID and each.expires_at + grace < now:
            late_s = (now - each.expires_at).total_seconds()
            sentence = f"It is {each.status} {late_s:.0f} s after it should have been paid or released."
            yield _about_order("hold_overdue", sentence, each)


def _about_order(code: Code, sentence: str, about: Order) -> Violation:
    return Violation(code, sentence, (order_name(about.id), ticket_name(about.ticket_id)))
