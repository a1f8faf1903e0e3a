"""The timer of an order: it alone compares a deadline with a clock, and exists only while the window is open."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from actors.contract import (
    EXPIRATION,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    Wake,
)
from actors.expiration import Expiration, ExpirationBehaviour

from .given import (
    HEARD_BY,
    NOON,
    ORDER,
    TICKET,
    WINDOW,
    Gossip,
    becomes,
    cases,
    check,
    check_purity,
    check_repeat,
    crossings,
    is_not_understood,
    is_over,
    rule,
    sequences,
    tag_of,
    walked,
)

OFFICE = ExpirationBehaviour()
DEADLINE = NOON + WINDOW
A_MOMENT = timedelta(milliseconds=1)

# --- Given: the papers --------------------------------------------------------------------------------------------

CREATED = OrderCreated(order_id=ORDER, hold_number=1, ticket_id=TICKET, expires_at=DEADLINE)
CANCELLED = OrderCancelled(order_id=ORDER, hold_number=1, ticket_id=TICKET)
COMPLETED = OrderCompleted(order_id=ORDER, hold_number=1, ticket_id=TICKET)

# --- Given: how a timer can stand ---------------------------------------------------------------------------------

UNKNOWN = Expiration(id=ORDER)
WAITING = Expiration(id=ORDER, version=0, expires_at=DEADLINE)

STATES = {
    "unknown": UNKNOWN,  # or over
    "waiting": WAITING,
}

RULES = [
    rule("the order exists", CREATED, unknown=becomes(WAITING)),
    rule("the order exists, heard after its deadline", CREATED, at=DEADLINE + WINDOW, unknown=becomes(WAITING)),
    rule(
        "the order exists, with another deadline",
        replace(CREATED, expires_at=DEADLINE + WINDOW),
        unknown=becomes(replace(WAITING, expires_at=DEADLINE + WINDOW)),
    ),
    rule("the order is cancelled", CANCELLED, otherwise=is_over),
    rule("the order is cancelled under a later hold", replace(CANCELLED, hold_number=2), otherwise=is_over),
    rule("the order is complete", COMPLETED, otherwise=is_over),
    rule("it wakes too early", Wake(), at=DEADLINE - A_MOMENT),
    rule("it wakes at its deadline, the order has heard of it", Wake(), at=DEADLINE, waiting=is_over),
    rule("it wakes late, the order has heard of it", Wake(), at=DEADLINE + 100 * WINDOW, waiting=is_over),
    rule("gossip", Gossip(), otherwise=is_not_understood),
]


# --- Then ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_a_timer(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    check_repeat(OFFICE, state, line)


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_a_timer_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[EXPIRATION]


def test_a_timer_begins_with_its_order():
    assert walked(OFFICE, UNKNOWN, CREATED) == WAITING


@pytest.mark.parametrize("name", STATES)
def test_only_a_waiting_timer_is_due(name):
    assert OFFICE.due(STATES[name]) == (DEADLINE if name == "waiting" else None)


ANYTHING = [CREATED, replace(CREATED, expires_at=NOON + 2 * WINDOW), CANCELLED, COMPLETED, *[Wake()] * 6]


@pytest.mark.parametrize("opening", [[], [CREATED], [CREATED, *[Wake()] * 40]], ids=("anyhow", "created", "long"))
def test_whatever_comes_a_timer_keeps_its_deadline_until_it_is_over(opening):
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=opening, how_many=1000):
        for turn in turns:
            assert turn.before.expires_at in (None, turn.after.expires_at), turn
            ended = isinstance(turn.message, OrderCancelled | OrderCompleted)
            if turn.decision.over:
                assert ended or turn.at >= turn.before.expires_at, turn
            else:
                assert not ended, turn
