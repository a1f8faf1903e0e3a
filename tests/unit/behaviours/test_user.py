"""An account: one per e-mail address, however many sign-ups race for it."""

from datetime import timedelta

import pytest
from msgspec.structs import replace

from actors.contract import AUTH, EMAIL_IN_USE, Refused, SignedUp, SignUp
from actors.user import User, UserBehaviour

from .given import (
    BUYER,
    HEARD_BY,
    NOON,
    RIVAL,
    SELLER,
    STRANGER,
    Gossip,
    becomes,
    cases,
    check,
    check_purity,
    check_repeat,
    crossings,
    is_not_understood,
    rule,
    sequences,
    stays,
    tag_of,
    walked,
)

OFFICE = UserBehaviour()
ADDRESS = "ada@example.com"

# --- Given --------------------------------------------------------------------------------------------------------

SIGN_UP = SignUp(user_id=BUYER, password_hash="argon2 of hers")
RIVAL_SIGNS_UP = SignUp(user_id=RIVAL, password_hash="argon2 of his")

FREE = User(email=ADDRESS)
HERS = User(email=ADDRESS, version=0, user_id=BUYER, password_hash="argon2 of hers", created_at=NOON)
HIS = User(email=ADDRESS, version=0, user_id=RIVAL, password_hash="argon2 of his", created_at=NOON)

STATES = {"free": FREE, "hers": HERS, "his": HIS}

WELCOME = SignedUp(user_id=BUYER, email=ADDRESS)
WELCOME_RIVAL = SignedUp(user_id=RIVAL, email=ADDRESS)

RULES = [
    rule(
        "she signs up",
        SIGN_UP,
        free=becomes(HERS, WELCOME),
        hers=stays(WELCOME),
        his=stays(EMAIL_IN_USE),
    ),
    rule(
        "he signs up",
        RIVAL_SIGNS_UP,
        free=becomes(HIS, WELCOME_RIVAL),
        hers=stays(EMAIL_IN_USE),
        his=stays(WELCOME_RIVAL),
    ),
    rule(
        "her sign-up comes again, hashed anew",
        replace(SIGN_UP, password_hash="argon2 of hers, other salt"),
        free=becomes(replace(HERS, password_hash="argon2 of hers, other salt"), WELCOME),
        hers=stays(WELCOME),
        his=stays(EMAIL_IN_USE),
    ),
    rule("gossip", Gossip(), otherwise=is_not_understood),
]


# --- Then ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_an_account(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    check_repeat(OFFICE, state, line)


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_an_account_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[AUTH]


@pytest.mark.parametrize(("state", "way"), [(HERS, [SIGN_UP, RIVAL_SIGNS_UP]), (HIS, [RIVAL_SIGNS_UP, SIGN_UP])])
def test_every_state_is_one_that_messages_lead_to(state, way):
    assert walked(OFFICE, FREE, *way) == state


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_an_account_waits_for_nothing(state):
    assert OFFICE.due(state) is None


def test_an_account_remembers_when_it_was_opened():
    later = NOON + timedelta(days=1)
    assert OFFICE.decide(FREE, SIGN_UP, later).state.created_at == later


def test_the_refusal_names_the_field_at_fault():
    assert OFFICE.decide(HERS, RIVAL_SIGNS_UP, NOON).reply == Refused(
        code="email_in_use", message="Email in use", field="email"
    )


ANYTHING = [
    SignUp(user_id=user, password_hash=f"argon2 {salt}") for user in (BUYER, RIVAL, SELLER, STRANGER) for salt in (1, 2)
]


def test_whatever_comes_the_first_owns_the_address_for_ever():
    for turns in sequences(OFFICE, ADDRESS, ANYTHING, how_many=1000, length=10):
        first = turns[0].message
        for turn in turns:
            assert turn.after is turns[0].after, turn
            assert turn.decision.events == (), turn
            welcome = isinstance(turn.decision.reply, SignedUp)
            assert welcome == (turn.message.user_id == first.user_id), turn
        assert turns[0].after.password_hash == first.password_hash, turns[0].seed
