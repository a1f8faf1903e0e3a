"""An order: from a grant to a sale, or back on sale. While it is being paid nobody guesses: Stripe's answer decides."""

from collections import Counter
from itertools import chain

import pytest
from msgspec.structs import replace

from actors.contract import (
    ORDERS,
    TOO_MANY_PAYMENTS,
    ClaimTicket,
    ExpirationComplete,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    OrderSettled,
    PaymentCreated,
    PaymentFailed,
    PaymentRefund,
    PaymentRefunded,
    PaymentRequested,
    PaymentStopped,
    PayOrder,
    TicketClaimed,
)
from actors.order import OrderBehaviour
from actors.order_payment import ATTEMPTS_MAX

from .given import (
    BUYER,
    FIRST_TRY,
    HEARD_BY,
    NOON,
    ORDER,
    SECOND_TRY,
    WINDOW,
    Gossip,
    cases,
    check,
    check_purity,
    check_repeat,
    crossings,
    sequences,
    some_id,
    tag_of,
    walked,
)
from .order_outcomes import shown
from .order_papers import (
    CANCEL,
    CLAIM_REFUSED,
    EXPIRED,
    GRANT,
    OPEN_PAGE,
    OVER,
    PAY,
    PAY_AGAIN,
    PAY_BY_PAGE_AGAIN,
    REFUND,
    VISA,
    asks_the_buyer,
    claimed,
    declined,
    granted,
    money,
    opens_the_page,
    refund_failed,
    refunded,
    stopped,
)
from .order_rules import RULES, SAYS_AGAIN
from .order_states import (
    BESIDE,
    CLAIMED_REFUNDED,
    CLAIMING,
    CLAIMING_GIVEN_BACK,
    DECLINED,
    ON_THE_PAGE,
    REFUND_FAILED,
    SECOND,
    STATES,
    UNKNOWN,
    WAYS,
)

OFFICE = OrderBehaviour(WINDOW)


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_an_order(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    name = next(name for name, known in STATES.items() if known is state)
    check_repeat(OFFICE, state, line, says_again=(name, line.says) in SAYS_AGAIN)


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_an_order_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[ORDERS]


@pytest.mark.parametrize("name", WAYS)
def test_every_state_is_one_that_messages_lead_to(name):
    assert walked(OFFICE, UNKNOWN, *WAYS[name]) == STATES[name]


def test_no_state_is_left_out():
    assert {"unknown", *WAYS} == set(STATES)


@pytest.mark.parametrize("state", STATES.values(), ids=STATES)
def test_an_order_never_looks_at_a_clock(state):
    assert OFFICE.due(state) is None


def test_the_window_is_fixed_when_the_order_is_created():
    late = NOON + 5 * WINDOW
    state = OFFICE.decide(UNKNOWN, GRANT, late).state
    assert state.expires_at == late + WINDOW
    assert walked(OFFICE, state, PAY, declined(1), PAY_AGAIN, at=late + WINDOW).expires_at == late + WINDOW


def test_a_decline_that_lands_after_the_window_closed_ends_in_cancelled():
    assert walked(OFFICE, UNKNOWN, GRANT, PAY, EXPIRED, declined(1)).status == "cancelled"


def test_money_that_lands_after_the_window_closed_is_a_sale():
    state = walked(OFFICE, UNKNOWN, GRANT, PAY, EXPIRED, money(1, FIRST_TRY))
    assert (state.status, state.stopping) == ("complete", None)


def test_a_decline_of_the_first_attempt_says_nothing_of_the_second():
    assert OFFICE.decide(SECOND, declined(1), NOON).state is SECOND


def test_money_is_back_although_an_old_failure_was_heard_again():
    again = walked(OFFICE, REFUND_FAILED, REFUND, refund_failed(1), refunded(1))
    assert (again.status, again.payment.status) == ("cancelled", "refunded")


def test_a_late_copy_of_an_older_declined_wish_starts_nothing():
    twice_declined = walked(OFFICE, SECOND, declined(2))
    assert OFFICE.decide(twice_declined, PAY, NOON).state is twice_declined


def test_a_double_click_on_pay_opens_one_page():
    again = OFFICE.decide(ON_THE_PAGE, PAY_BY_PAGE_AGAIN, NOON)
    assert again.state is ON_THE_PAGE
    assert again.reply.payment.next_action.url == OPEN_PAGE.url


def test_an_abandoned_page_can_be_followed_by_a_card():
    state = walked(OFFICE, ON_THE_PAGE, declined(1), PAY_AGAIN)
    assert (state.status, state.payment.attempt, state.payment.next_action) == ("awaiting:payment", 2, None)


def test_late_money_for_an_order_that_waits_again_is_a_sale():
    assert walked(OFFICE, DECLINED, money(1, FIRST_TRY)).status == "complete"


def test_money_given_back_by_hand_while_the_ticket_was_asked_gives_the_ticket_back():
    answered = OFFICE.decide(CLAIMING_GIVEN_BACK, claimed(2), NOON)
    assert answered.events == (replace(OVER, hold_number=2),)
    assert (answered.state.status, answered.state.payment.status) == ("cancelled", "refunded")


def test_money_given_back_by_hand_while_the_ticket_was_asked_is_not_given_back_again():
    assert OFFICE.decide(CLAIMING_GIVEN_BACK, CLAIM_REFUSED, NOON).events == ()


def test_a_grant_of_the_past_does_not_end_a_claim():
    """A late copy of its old wish got the ticket while its money came: that hold goes back, the claim is answered."""
    held_again = OFFICE.decide(CLAIMING, granted(2), NOON)
    assert held_again.events == (replace(OVER, hold_number=2),)
    assert walked(OFFICE, held_again.state, claimed(3)).status == "complete"


def test_a_late_copy_of_money_that_was_sent_back_buys_nothing():
    ended = walked(OFFICE, BESIDE, declined(2), CANCEL)
    assert ended.status == "cancelled"
    assert OFFICE.decide(ended, money(1, FIRST_TRY), NOON).state is ended


def test_a_late_copy_of_money_that_was_refunded_buys_nothing():
    """The sale of the second attempt was refunded, then the first one's late money was; nothing is left to buy with."""
    sold = walked(OFFICE, SECOND, money(2, SECOND_TRY), REFUND, refunded(2))
    late = walked(OFFICE, sold, money(1, FIRST_TRY), CLAIM_REFUSED, refunded(1))
    assert (late.status, late.payment.attempt, late.payment.status) == ("cancelled", 1, "refunded")
    assert OFFICE.decide(late, money(2, SECOND_TRY), NOON).state is late


def test_an_old_answer_to_an_old_claim_is_none_to_the_present_one():
    sold_late = walked(OFFICE, CLAIMED_REFUNDED, money(2, SECOND_TRY))
    assert sold_late.claiming
    assert OFFICE.decide(sold_late, claimed(2), NOON).state is sold_late
    assert walked(OFFICE, sold_late, claimed(3)).hold_number == 3


ANYTHING = [
    GRANT,
    granted(2),
    granted(3),
    CANCEL,
    EXPIRED,
    *(PayOrder(user_id=BUYER, payment_id=some_id(0xF0 + n), method=VISA) for n in range(1, 6)),
    PAY_BY_PAGE_AGAIN,
    REFUND,
    OrderSettled(),
    *(claimed(hold_number) for hold_number in (2, 3)),
    CLAIM_REFUSED,
    *(money(attempt, some_id(0xF0 + attempt)) for attempt in (1, 2, 3)),
    *(
        word(attempt)
        for word in (declined, stopped, asks_the_buyer, opens_the_page, refunded, refund_failed)
        for attempt in (1, 2, 3)
    ),
]
PAY_MORE = [message for message in ANYTHING if isinstance(message, PayOrder)]
LAST_WORDS = (PaymentCreated, PaymentFailed, PaymentStopped)


def lives():
    """Thousands of orders to which anything may happen, and most often a payment."""
    return sequences(OFFICE, ORDER, ANYTHING + PAY_MORE, opening=[GRANT])


def all_turns():
    return chain.from_iterable(lives())


def said_in(turns):
    """How often each kind of event was published."""
    return Counter(type(event) for turn in turns for event in turn.decision.events)


def test_whatever_comes_only_late_money_reopens_an_order():
    for turn in all_turns():
        if turn.before.status == "cancelled" != turn.after.status:
            assert isinstance(turn.message, TicketClaimed), turn
            assert turn.before.claiming, turn


def test_whatever_comes_an_order_that_was_over_and_is_not_has_claimed_its_ticket():
    for turns in lives():
        said = said_in(turns)
        if said[OrderCancelled] and turns[-1].after.status != "cancelled":
            assert said[ClaimTicket], turns[-1].seed
            assert turns[-1].after.status == "complete", turns[-1].seed


def test_whatever_comes_an_order_that_is_over_has_said_so():
    for turns in lives():
        assert said_in(turns)[OrderCancelled] or turns[-1].after.status != "cancelled", turns[-1].seed


def test_whatever_comes_no_payment_is_begun_for_an_order_that_is_over():
    for turn in all_turns():
        if turn.before.status == "cancelled":
            assert not turn.published(PaymentRequested), turn


def test_whatever_comes_the_ticket_is_claimed_once_for_the_same_money():
    for turn in all_turns():
        if turn.published(ClaimTicket):
            assert not turn.before.claiming, turn
            assert turn.message.attempt not in turn.before.paid, turn


def test_whatever_comes_money_is_asked_back_only_if_it_came():
    for turns in lives():
        taken = set()
        for turn in turns:
            if isinstance(turn.message, PaymentCreated):
                taken.add(turn.message.attempt)
            assert {event.attempt for event in turn.published(PaymentRefund)} <= taken, turn
            assert sorted(turn.after.paid) == sorted(taken), turn


def test_whatever_comes_a_sale_ends_only_when_its_money_is_back():
    for turn in all_turns():
        if turn.before.status == "complete" != turn.after.status:
            assert turn.after.payment.status == "refunded", turn
            assert isinstance(turn.message, PaymentRefunded), turn


def test_whatever_comes_an_attempt_ends_by_its_own_last_word():
    for turn in all_turns():
        if turn.before.status == "awaiting:payment" != turn.after.status:
            assert isinstance(turn.message, LAST_WORDS), turn
            assert turn.message.attempt == turn.before.payment.attempt, turn


def test_whatever_comes_states_agree_with_their_payment():
    for turn in all_turns():
        after = turn.after
        if after.status == "awaiting:payment":
            assert after.payment.status in ("processing", "requires_action"), turn
        if after.status == "complete":
            assert after.payment.status in ("paid", "refunding"), turn
        if after.claiming:
            assert after.status == "cancelled", turn
            assert after.payment.status in ("paid", "refunding"), turn
        assert not after.stopping or after.status == "awaiting:payment", turn


def test_whatever_comes_an_order_never_returns_to_an_earlier_hold():
    for turn in all_turns():
        assert turn.after.hold_number >= turn.before.hold_number, turn


def test_whatever_comes_an_order_is_created_once_and_sold_once():
    for turns in lives():
        said = said_in(turns)
        assert said[OrderCreated] == 1, turns[-1].seed
        assert said[OrderCompleted] <= 1, turns[-1].seed


def test_whatever_comes_attempts_are_counted_from_one_until_the_sale():
    for turns in lives():
        requested = [event.attempt for turn in turns for event in turn.published(PaymentRequested)]
        assert requested == list(range(1, len(requested) + 1)) or said_in(turns)[OrderCompleted], turns[-1].seed


def test_an_order_is_no_place_to_try_out_cards():
    tried = tuple(some_id(0x100 + n) for n in range(ATTEMPTS_MAX))
    state = replace(STATES["declined"], attempted=tried)
    assert OFFICE.decide(state, PAY_AGAIN, NOON).reply == TOO_MANY_PAYMENTS
    assert OFFICE.decide(replace(state, attempted=tried[1:]), PAY_AGAIN, NOON).events
    assert OFFICE.decide(state, replace(PAY_AGAIN, payment_id=tried[0]), NOON).reply == shown(state), "not a new one"


def test_whatever_comes_every_hold_of_a_cancelled_order_was_given_back():
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=[GRANT]):
        given_back = {event.hold_number for turn in turns for event in turn.published(OrderCancelled)}
        last = turns[-1].after
        if last.status == "cancelled":
            assert last.hold_number in given_back, turns[-1].seed


def test_whatever_comes_only_a_timer_that_rang_does_not_hear_of_the_end():
    for turns in sequences(OFFICE, ORDER, ANYTHING, opening=[GRANT]):
        has_rung = False
        for turn in turns:
            has_rung = has_rung or isinstance(turn.message, ExpirationComplete)
            assert all(has_rung or not event.rang for event in turn.published(OrderCancelled)), turn


def test_whatever_comes_a_payment_hears_of_the_end_if_and_only_if_it_was_begun():
    """An order that ended untried never begins a payment any more: there is nobody to tell, and never will be."""
    for turns in lives():
        begun, untried = False, False
        for turn in turns:
            begun = begun or bool(turn.published(PaymentRequested))
            ends = turn.published(OrderCancelled)
            assert all(event.attempted == begun for event in ends), turn
            untried = untried or (bool(ends) and not begun)
            assert not (untried and begun), turn
