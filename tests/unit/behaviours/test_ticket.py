"""A ticket: for sale, held for one order, sold. It alone says who holds it."""

from collections import Counter

import pytest
from msgspec.structs import replace

from actors.contract import (
    NOT_THE_SELLER,
    ORDERS,
    TICKET_EXISTS,
    TICKET_NOT_FOUND,
    TICKET_RESERVED,
    TICKETS,
    ClaimTicket,
    CreateTicket,
    EditTicket,
    Grant,
    Granted,
    OrderCancelled,
    OrderCompleted,
    Refused,
    Reserve,
    TicketClaimed,
    TicketClaimRefused,
    TicketCreated,
    TicketHeld,
    TicketReply,
    TicketUpdated,
)
from actors.ticket import Hold, Ticket, TicketBehaviour

from .given import (
    ACKNOWLEDGED,
    BUYER,
    HEARD_BY,
    NOON,
    ORDER,
    OTHER_ORDER,
    PRICE,
    RIVAL,
    SELLER,
    STRANGER,
    TICKET,
    Gossip,
    becomes,
    cases,
    changes,
    check,
    check_purity,
    check_repeat,
    crossings,
    each,
    is_kept,
    is_not_understood,
    rule,
    sequences,
    some_id,
    stays,
    tag_of,
    ticket_record,
    walked,
)

OFFICE = TicketBehaviour()

# --- Given: the papers --------------------------------------------------------------------------------------------

LIST = CreateTicket(user_id=SELLER, title="Front row", price=PRICE)
EDIT = EditTicket(user_id=SELLER, title="Front row, left", price=3000)
RESERVE = Reserve(order_id=ORDER, user_id=BUYER)
RIVAL_RESERVES = Reserve(order_id=OTHER_ORDER, user_id=RIVAL)

FIRST_GRANT = Grant(order_id=ORDER, user_id=BUYER, hold_number=1)
RIVALS_GRANT = Grant(order_id=OTHER_ORDER, user_id=RIVAL, hold_number=2)
DEAD_ORDERS_GRANT = Grant(order_id=ORDER, user_id=BUYER, hold_number=2)


def held_by(grant, asked=None):
    return Hold(order_id=grant.order_id, user_id=grant.user_id, hold_number=grant.hold_number, asked=asked)


def cancelled(order=ORDER, hold_number=1):
    return OrderCancelled(order_id=order, hold_number=hold_number, ticket_id=TICKET)


def completed(order=ORDER, hold_number=1):
    return OrderCompleted(order_id=order, hold_number=hold_number, ticket_id=TICKET)


def claim(order=ORDER, user=BUYER, price=PRICE):
    return ClaimTicket(order_id=order, ticket_id=TICKET, user_id=user, price=price)


# --- Given: how a ticket can stand --------------------------------------------------------------------------------

UNLISTED = Ticket(id=TICKET)
FOR_SALE = Ticket(id=TICKET, version=0, title="Front row", price=PRICE, user_id=SELLER, created_at=NOON)
GRANTED = replace(FOR_SALE, version=1, hold=held_by(FIRST_GRANT), hold_number=1)
SOLD = replace(GRANTED, version=2, sold=True)
BACK_ON_SALE = replace(FOR_SALE, version=2, hold_number=1)
RIVALS = replace(BACK_ON_SALE, version=3, hold=held_by(RIVALS_GRANT), hold_number=2)
HELD_BY_THE_DEAD = replace(BACK_ON_SALE, version=3, hold=held_by(DEAD_ORDERS_GRANT), hold_number=2)
CLAIMED = replace(HELD_BY_THE_DEAD, hold=held_by(DEAD_ORDERS_GRANT, asked=PRICE), sold=True)

STATES = {
    "unlisted": UNLISTED,
    "for_sale": FOR_SALE,
    "granted": GRANTED,
    "sold": SOLD,
    "back_on_sale": BACK_ON_SALE,  # the first hold is history
    "rivals": RIVALS,  # the second hold is somebody else's
    "held_by_the_dead": HELD_BY_THE_DEAD,  # a late repetition of the first wish, whose order is over
    "claimed": CLAIMED,  # sold to an order whose money came after its end
}

ALL_LISTED = tuple(name for name in STATES if name != "unlisted")
THE_FIRST_HOLD = ("granted", "sold")
THE_BUYERS = (*THE_FIRST_HOLD, "held_by_the_dead", "claimed")


def as_it_stands(state):
    """The ticket, and who has it."""
    order = state.hold.order_id if state.hold else None
    return stays(TicketReply(ticket=ticket_record(state.version), order_id=order))(state)


def is_held(state):
    return stays(held_words(state))(state)


def held_words(state):
    """The same to whoever asks; only the holder will be told of the order."""
    words, holder = TICKET_RESERVED, {"order_id": state.hold.order_id, "user_id": state.hold.user_id}
    return TicketHeld(code=words.code, message=words.message, **holder)


def is_granted(grant):
    """Orders answer whoever asked; everybody else is refused from now on."""

    def outcome(state):
        new = replace(state, version=state.version + 1, hold=held_by(grant), hold_number=grant.hold_number)
        news = TicketUpdated(ticket=ticket_record(new.version), grant=grant)
        return becomes(new, Granted(grant=grant), news, reply_from=ORDERS, to_others=held_words(new))(state)

    return outcome


def stays_with_its_holder(state):
    return stays(Granted(grant=state.hold))(state)


def comes_back_on_sale(state):
    news = TicketUpdated(ticket=ticket_record(state.version + 1))
    return changes(ACKNOWLEDGED, news, hold=None, sold=False)(state)


def is_marked_sold(state):
    return changes(ACKNOWLEDGED, TicketUpdated(ticket=ticket_record(state.version + 1)), sold=True)(state)


def is_sold_late(wish):
    """To whoever has paid too late, at the price paid, under a new hold number."""

    def outcome(state):
        number = state.hold_number + 1
        grant = Grant(order_id=wish.order_id, user_id=wish.user_id, hold_number=number)
        held = held_by(grant, asked=state.price)
        news = TicketUpdated(ticket=ticket_record(state.version + 1, price=wish.price))
        claimed = TicketClaimed(order_id=wish.order_id, hold_number=number)
        return changes(ACKNOWLEDGED, news, claimed, hold=held, hold_number=number, sold=True, price=wish.price)(state)

    return outcome


def says(*events):
    """It says something and stays as it is."""
    return changes(ACKNOWLEDGED, *events)


NO_SUCH_TICKET = stays(TICKET_NOT_FOUND)
RESERVED = stays(TICKET_RESERVED)

EDITED_REPLY = TicketReply(ticket=ticket_record(1, "Front row, left", 3000))
EDITED_LATER = TicketReply(ticket=ticket_record(3, "Front row, left", 3000))

RULES = [
    # Listing.
    rule(
        "its seller lists it",
        LIST,
        otherwise=as_it_stands,
        unlisted=becomes(FOR_SALE, TicketReply(ticket=ticket_record(0)), TicketCreated(ticket=ticket_record(0))),
    ),
    *(
        rule(
            f"it is listed {how}",
            wish,
            otherwise=stays(TICKET_EXISTS),
            unlisted=becomes(
                replace(FOR_SALE, title=wish.title, price=wish.price, user_id=wish.user_id),
                TicketReply(ticket=replace(ticket_record(0, wish.title, wish.price), user_id=wish.user_id)),
                TicketCreated(ticket=replace(ticket_record(0, wish.title, wish.price), user_id=wish.user_id)),
            ),
        )
        for how, wish in {
            "under another title": CreateTicket(user_id=SELLER, title="Second row", price=PRICE),
            "at another price": CreateTicket(user_id=SELLER, title="Front row", price=PRICE + 1),
            "by somebody else": CreateTicket(user_id=STRANGER, title="Front row", price=PRICE),
        }.items()
    ),
    # Editing: its seller, while nobody holds it.
    rule(
        "its seller edits it",
        EDIT,
        otherwise=RESERVED,
        unlisted=NO_SUCH_TICKET,
        for_sale=changes(EDITED_REPLY, TicketUpdated(ticket=EDITED_REPLY.ticket), title="Front row, left", price=3000),
        back_on_sale=changes(
            EDITED_LATER, TicketUpdated(ticket=EDITED_LATER.ticket), title="Front row, left", price=3000
        ),
    ),
    rule(
        "its seller edits it in the same words",
        EditTicket(user_id=SELLER, title="Front row", price=PRICE),
        otherwise=RESERVED,
        unlisted=NO_SUCH_TICKET,
        for_sale=as_it_stands,
        back_on_sale=as_it_stands,
    ),
    rule(
        "a stranger edits it",
        EditTicket(user_id=STRANGER, title="Mine", price=1),
        otherwise=stays(NOT_THE_SELLER),
        unlisted=NO_SUCH_TICKET,
    ),
    # Reserving: the first who asks for a free ticket holds it.
    rule(
        "the buyer reserves it",
        RESERVE,
        otherwise=stays_with_its_holder,
        unlisted=NO_SUCH_TICKET,
        for_sale=is_granted(FIRST_GRANT),
        back_on_sale=is_granted(DEAD_ORDERS_GRANT),
        rivals=is_held,
    ),
    rule(
        "a rival reserves it",
        RIVAL_RESERVES,
        otherwise=is_held,
        unlisted=NO_SUCH_TICKET,
        for_sale=is_granted(replace(RIVALS_GRANT, hold_number=1)),
        back_on_sale=is_granted(RIVALS_GRANT),
        rivals=stays_with_its_holder,
    ),
    rule(
        "the buyer reserves it for another order",
        Reserve(order_id=some_id(3), user_id=BUYER),
        otherwise=is_held,
        unlisted=NO_SUCH_TICKET,
        for_sale=is_granted(replace(FIRST_GRANT, order_id=some_id(3))),
        back_on_sale=is_granted(replace(DEAD_ORDERS_GRANT, order_id=some_id(3))),
    ),
    # What an order says counts for the hold in force, and for no other.
    rule(
        "the order of its first hold is cancelled",
        cancelled(),
        unlisted=is_kept,
        **each(THE_FIRST_HOLD, comes_back_on_sale),
    ),
    rule(
        "the order of its first hold is complete",
        completed(),
        unlisted=is_kept,
        granted=is_marked_sold,
    ),
    rule(
        "the rival's order is cancelled",
        cancelled(OTHER_ORDER, 2),
        unlisted=is_kept,
        rivals=comes_back_on_sale,
    ),
    rule(
        "the rival's order is complete",
        completed(OTHER_ORDER, 2),
        unlisted=is_kept,
        rivals=is_marked_sold,
    ),
    rule(
        "an order that is over gives its new hold back",
        cancelled(ORDER, 2),
        unlisted=is_kept,
        held_by_the_dead=comes_back_on_sale,
        claimed=comes_back_on_sale,
    ),
    rule(
        "the second hold of the first order is complete",
        completed(ORDER, 2),
        unlisted=is_kept,
        held_by_the_dead=is_marked_sold,
    ),
    # Money came for an order that had ended: it gets the ticket if nobody else has it.
    rule(
        "the first order claims it",
        claim(),
        unlisted=is_kept,
        # An unsold hold of the claimer's own is on its way back: the order that claims has ended.
        **each(("for_sale", "back_on_sale", "granted", "held_by_the_dead"), is_sold_late(claim())),
        rivals=says(TicketClaimRefused(order_id=ORDER)),
    ),
    rule(
        "the first order claims it at another price",
        claim(price=1999),
        unlisted=is_kept,
        **each(("for_sale", "back_on_sale", "granted", "held_by_the_dead"), is_sold_late(claim(price=1999))),
        rivals=says(TicketClaimRefused(order_id=ORDER)),
    ),
    rule(
        "the rival's order claims it",
        claim(OTHER_ORDER, RIVAL),
        unlisted=is_kept,
        **each(("for_sale", "back_on_sale", "rivals"), is_sold_late(claim(OTHER_ORDER, RIVAL))),
        **each(THE_BUYERS, says(TicketClaimRefused(order_id=OTHER_ORDER))),
    ),
    rule("a hold yet to come is cancelled", cancelled(ORDER, 3), unlisted=is_kept),
    rule("a hold yet to come is complete", completed(ORDER, 3), unlisted=is_kept),
    rule("the right number under a strange order", cancelled(some_id(9), 1), unlisted=is_kept),
    rule("the second number under a strange order", completed(some_id(9), 2), unlisted=is_kept),
    rule("gossip", Gossip(), otherwise=is_not_understood),
]


# --- Then ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_a_ticket(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    refused = isinstance(line.message, ClaimTicket) and state.hold and state.hold.order_id != line.message.order_id
    check_repeat(OFFICE, state, line, says_again=bool(refused))  # told so as often as it asks


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_a_ticket_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[TICKETS]


@pytest.mark.parametrize(
    ("state", "way"),
    [
        (FOR_SALE, [LIST]),
        (GRANTED, [LIST, RESERVE]),
        (SOLD, [LIST, RESERVE, completed()]),
        (BACK_ON_SALE, [LIST, RESERVE, cancelled()]),
        (RIVALS, [LIST, RESERVE, cancelled(), RIVAL_RESERVES]),
        (HELD_BY_THE_DEAD, [LIST, RESERVE, cancelled(), RESERVE]),
        (CLAIMED, [LIST, RESERVE, cancelled(), claim()]),
    ],
)
def test_every_state_is_one_that_messages_lead_to(state, way):
    assert walked(OFFICE, UNLISTED, *way) == state


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_a_ticket_never_looks_at_a_clock(state):
    assert OFFICE.due(state) is None


def test_a_rival_does_not_learn_whose_the_ticket_is():
    answer = OFFICE.decide(GRANTED, RIVAL_RESERVES, NOON).reply.to(RIVAL)
    assert answer == Refused(code="ticket_reserved", message="This ticket is already reserved", order_id=None)


def test_a_grant_says_what_everybody_else_will_hear():
    granted = OFFICE.decide(FOR_SALE, RESERVE, NOON)
    assert granted.to_others == OFFICE.decide(granted.state, RIVAL_RESERVES, NOON).reply


def test_the_buyer_learns_the_order_that_holds_it_already():
    answer = OFFICE.decide(SOLD, Reserve(order_id=some_id(3), user_id=BUYER), NOON).reply.to(BUYER)
    assert answer.code == "ticket_reserved"
    assert answer.order_id == ORDER


def test_who_paid_too_late_gets_the_ticket_at_the_price_he_paid():
    dearer = walked(OFFICE, BACK_ON_SALE, EDIT)
    assert dearer.price == 3000
    assert walked(OFFICE, dearer, claim()).price == PRICE


def test_a_ticket_that_was_sold_late_and_refunded_is_on_sale_at_the_sellers_price():
    dearer = walked(OFFICE, BACK_ON_SALE, EDIT)
    released = walked(OFFICE, dearer, claim(), cancelled(ORDER, 2))
    assert (released.hold, released.sold, released.price) == (None, False, 3000)


def test_a_late_copy_of_a_claim_whose_sale_was_refunded_is_given_back_by_its_order():
    """It takes the ticket once more, under a number that its order gives back at once."""
    refunded = walked(OFFICE, CLAIMED, cancelled(ORDER, 2))
    taken = OFFICE.decide(refunded, claim(), NOON)
    assert taken.events[-1] == TicketClaimed(order_id=ORDER, hold_number=3)
    assert walked(OFFICE, taken.state, cancelled(ORDER, 3)).hold is None


ANYTHING = [
    LIST,
    EDIT,
    *(Reserve(order_id=some_id(n), user_id=user) for n, user in enumerate((BUYER, RIVAL, BUYER), 1)),
    *(word(some_id(order), number) for word in (cancelled, completed) for order in (1, 2) for number in (1, 2, 3)),
    *(claim(some_id(order), user, PRICE - order) for order, user in ((1, BUYER), (2, RIVAL))),
]


def test_whatever_comes_a_ticket_has_one_holder_at_most():
    for turns in sequences(OFFICE, TICKET, ANYTHING, opening=[LIST]):
        grants = Counter()
        for turn in turns:
            before, after = turn.before, turn.after
            assert after.hold_number - before.hold_number in (0, 1), turn
            assert after.hold is None or after.hold.hold_number == after.hold_number, turn
            assert after.hold is not None or not after.sold, turn
            if before.hold and after.hold and after.hold_number == before.hold_number:
                assert after.hold == before.hold, turn
            if before.hold and after.hold_number > before.hold_number:  # its own claimer, and not what is sold
                assert isinstance(turn.message, ClaimTicket), turn
                assert (before.hold.order_id, before.sold) == (turn.message.order_id, False), turn
            if before.hold and not after.hold:
                held = before.hold
                assert turn.message == cancelled(held.order_id, held.hold_number), turn
            grants.update(event.grant.hold_number for event in turn.published(TicketUpdated) if event.grant)
            for claimed in turn.published(TicketClaimed):
                assert after.sold, turn
                assert (after.hold.order_id, after.hold_number) == (claimed.order_id, claimed.hold_number), turn
                grants[claimed.hold_number] += 1
        assert all(count == 1 for count in grants.values()), turns[-1].seed
        assert sorted(grants) == list(range(1, turns[-1].after.hold_number + 1)), turns[-1].seed
