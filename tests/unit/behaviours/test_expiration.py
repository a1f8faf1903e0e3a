"""The timer of an order: it alone compares a deadline with a clock, and it rings once."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from actors.contract import (
    EXPIRATION,
    ExpirationComplete,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    Wake,
)
from actors.expiration import Expiration, ExpirationBehaviour

from .given import (
    ACKNOWLEDGED,
    HEARD_BY,
    NOON,
    ORDER,
    TICKET,
    WINDOW,
    Gossip,
    becomes,
    cases,
    changes,
    check,
    check_purity,
    check_repeat,
    crossings,
    is_not_understood,
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
TIME_IS_UP = ExpirationComplete(order_id=ORDER)

# --- Given: how a timer can stand ---------------------------------------------------------------------------------

UNKNOWN = Expiration(id=ORDER)
WAITING = Expiration(id=ORDER, version=0, status="waiting", expires_at=DEADLINE)
COMPLETE = replace(WAITING, version=1, status="complete")
STOPPED = replace(WAITING, version=1, status="stopped")
STOPPED_UNHEARD = Expiration(id=ORDER, version=0, status="stopped")

STATES = {
    "unknown": UNKNOWN,
    "waiting": WAITING,
    "complete": COMPLETE,
    "stopped": STOPPED,
    "stopped_unheard": STOPPED_UNHEARD,  # cancelled or completed came before created
}

RINGS = changes(ACKNOWLEDGED, TIME_IS_UP, status="complete")

RULES = [
    rule("the order exists", CREATED, unknown=becomes(WAITING)),
    rule("the order exists, heard after its deadline", CREATED, at=DEADLINE + WINDOW, unknown=becomes(WAITING)),
    rule(
        "the order exists, with another deadline",
        replace(CREATED, expires_at=DEADLINE + WINDOW),
        unknown=becomes(replace(WAITING, expires_at=DEADLINE + WINDOW)),
    ),
    rule("the order is cancelled", CANCELLED, unknown=becomes(STOPPED_UNHEARD), waiting=becomes(STOPPED)),
    rule(
        "the order is cancelled under a later hold",
        replace(CANCELLED, hold_number=2),
        unknown=becomes(STOPPED_UNHEARD),
        waiting=becomes(STOPPED),
    ),
    rule("the order is complete", COMPLETED, unknown=becomes(STOPPED_UNHEARD), waiting=becomes(STOPPED)),
    rule("it wakes too early", Wake(), at=DEADLINE - A_MOMENT),
    rule("it wakes at its deadline", Wake(), at=DEADLINE, waiting=RINGS),
    rule("it wakes late", Wake(), at=DEADLINE + 100 * WINDOW, waiting=RINGS),
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


@pytest.mark.parametrize(
    ("state", "way"),
    [
        (WAITING, [CREATED]),
        (STOPPED, [CREATED, CANCELLED]),
        (STOPPED, [CREATED, COMPLETED]),
        (STOPPED_UNHEARD, [CANCELLED]),
        (STOPPED_UNHEARD, [COMPLETED, CREATED]),
    ],
)
def test_every_state_is_one_that_messages_lead_to(state, way):
    assert walked(OFFICE, UNKNOWN, *way) == state


def test_ringing_leads_to_complete():
    assert walked(OFFICE, WAITING, Wake(), at=DEADLINE) == COMPLETE


@pytest.mark.parametrize("name", STATES)
def test_only_a_waiting_timer_is_to_be_woken(name):
    assert OFFICE.due(STATES[name]) == (DEADLINE if name == "waiting" else None)


ANYTHING = [CREATED, replace(CREATED, expires_at=NOON + 2 * WINDOW), CANCELLED, COMPLETED, *[Wake()] * 6]


@pytest.mark.parametrize("opening", [[], [CREATED], [CREATED, *[Wake()] * 40]], ids=("anyhow", "created", "long"))
def test_whatever_comes_a_timer_rings_once_at_the_most(opening):
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=opening, how_many=1000):
        rings = [turn for turn in turns if turn.published(ExpirationComplete)]
        assert len(rings) <= 1, turns[-1].seed
        for turn in rings:
            assert turn.at >= turn.before.expires_at, turn
        over = False
        for turn in turns:
            over = over or isinstance(turn.message, OrderCancelled | OrderCompleted)
            assert not (over and turn.published(ExpirationComplete)), turn
            assert turn.before.expires_at in (None, turn.after.expires_at), turn
