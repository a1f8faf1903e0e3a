"""The money of one order: one attempt at a time, and Stripe's word is the only truth."""

from collections import Counter
from datetime import timedelta
from functools import partial

import pytest
from msgspec.structs import replace

from actors.contract import PAYMENTS, PaymentCreated, PaymentFailed, PaymentRequested, PaymentStopped
from actors.payment import PaymentBehaviour
from actors.payment_refunds import REFUND_PAUSE, REFUND_PAUSE_MAX, pause_before
from actors.payment_state import Payment, has_money, is_live, step_of

from .given import (
    HEARD_BY,
    NOON,
    ORDER,
    Gossip,
    cases,
    check,
    check_purity,
    check_repeat,
    crossings,
    sequences,
    tag_of,
    walked,
    without,
)
from .payment_outcomes import next_step
from .payment_papers import (
    ORDER_CANCELLED,
    THE_MONEY_STAYS,
    UNNUMBERED,
    another_is_under_way,
    back,
    dead,
    declined,
    needs_action,
    not_back,
    opened,
    orphan_dead,
    orphan_declined,
    page_opened,
    refund,
    request,
    stop,
    stopped,
    succeeded,
    the_money_is_there,
)
from .payment_rules import RULES, SAYS_AGAIN
from .payment_states import (
    CANCELLING,
    CONFIRMING,
    FAILED,
    FIRST_LIVE,
    NO_ATTEMPT,
    OPENING,
    REFUNDING,
    SECONDS,
    STATES,
    SUCCEEDED,
    UNKNOWN,
    WAYS,
)

OFFICE = PaymentBehaviour()
DAY = timedelta(days=1)


def tasks(state, now):
    """What there is to do at Stripe, and for which attempt, in this order."""
    return [(attempt.number, step_of(attempt)) for attempt in state.working(now)]


@pytest.mark.parametrize(("state", "line", "outcome"), cases(STATES, RULES))
def test_the_rules_of_the_money(state, line, outcome):
    check(OFFICE, state, line, outcome)


@pytest.mark.parametrize(("state", "line"), crossings(STATES, RULES))
def test_saying_it_twice_is_saying_it_once(state, line):
    refusals = [] if line.message == Gossip() else OFFICE.decide(state, line.message, NOON).events
    if isinstance(line.message, SAYS_AGAIN) and refusals:
        again = OFFICE.decide(walked(OFFICE, state, line.message), line.message, NOON)
        assert [type(event) for event in again.events] in ([type(event) for event in refusals], [PaymentStopped])
        assert again.state.attempt == state.attempt
    else:
        check_repeat(OFFICE, state, line)


def test_a_decision_depends_on_nothing_else():
    check_purity(OFFICE, STATES, RULES)


def test_every_message_a_payment_can_get_has_a_rule():
    assert {tag_of(line.message) for line in RULES} - {tag_of(Gossip)} == HEARD_BY[PAYMENTS]


@pytest.mark.parametrize("name", WAYS)
def test_every_state_is_one_that_messages_lead_to(name):
    assert walked(OFFICE, UNKNOWN, *WAYS[name]) == STATES[name]


def test_no_state_is_left_out():
    assert {"unknown", *WAYS} == set(STATES)


NEXT_STEPS = {
    **dict.fromkeys((*NO_ATTEMPT, *FAILED, *SUCCEEDED, "refunded", "closed_and_refunded"), None),
    **dict.fromkeys((*OPENING, *SECONDS), "open"),
    **dict.fromkeys(("confirming", "second_refused"), "confirm"),
    **dict.fromkeys(("acting", "page_open"), "watch"),
    **dict.fromkeys(("confirming_to_stop", "acting_to_stop", "closed_while_confirming", *CANCELLING), "cancel"),
    "page_closing": "cancel",
    **dict.fromkeys(REFUNDING, "refund"),
}
DUE = {"refunding_again": NOON + REFUND_PAUSE}


@pytest.mark.parametrize("name", STATES)
def test_what_is_to_be_done_at_stripe_is_due_as_long_as_it_is_not_done(name):
    assert next_step(STATES[name]) == NEXT_STEPS[name]
    assert OFFICE.due(STATES[name]) == (DUE.get(name, NOON) if NEXT_STEPS[name] else None)


@pytest.mark.parametrize("name", STATES)
def test_what_no_buyer_sits_in_front_of_can_wait(name):
    """He does until he is asked for at his bank or on Stripe's page, and until he hears that his card was declined."""
    assert STATES[name].can_wait == (name not in (*OPENING, *CONFIRMING, *CANCELLING, *SECONDS))


@pytest.mark.parametrize(
    ("name", "answer"),
    [
        ("opening", opened(1)),
        ("page_opening", page_opened(1)),
        ("confirming", succeeded(1)),
        ("confirming", needs_action(1)),
        ("confirming", declined(1)),
        ("cancelling", dead(1)),
        ("succeeded", refund(1)),
        ("refunding", back(1)),
        ("refunding", not_back(1)),
    ],
)
def test_a_new_phase_begins_now(name, answer):
    later = NOON + timedelta(seconds=7)
    assert OFFICE.decide(STATES[name], answer, later).state.attempt.since == later


@pytest.mark.parametrize("name", without(FIRST_LIVE, *OPENING))
def test_a_stop_that_crosses_the_money_loses_to_it(name):
    stopping = walked(OFFICE, STATES[name], stop(1))
    assert OFFICE.decide(stopping, succeeded(1), NOON).events == (the_money_is_there(1),)


@pytest.mark.parametrize("name", without(FIRST_LIVE, *OPENING))
def test_late_money_is_there_after_everything_had_ended(name):
    ended = walked(OFFICE, STATES[name], stop(1), dead(1), ORDER_CANCELLED)
    assert (ended.status, ended.attempt.phase) == ("closed", "failed")
    assert OFFICE.decide(ended, succeeded(1), NOON).events == (the_money_is_there(1),)


def test_a_payment_that_was_stored_before_its_first_request_takes_it():
    """Payments used to be told of every order; what was stored then is still there."""
    waiting = Payment(id=ORDER, version=0, status="open")
    assert walked(OFFICE, waiting, request(1)) == replace(STATES["opening"], version=1)
    assert walked(OFFICE, waiting, ORDER_CANCELLED) == replace(STATES["closed"], version=1)


def test_late_money_that_crosses_the_next_request_keeps_the_next_from_starting():
    assert has_money(STATES["second_refused_for_money"])
    assert STATES["second_refused_for_money"].attempt.number == 1
    assert OFFICE.decide(STATES["second_refused_for_money"], request(3), NOON).events == (another_is_under_way(3),)


def test_money_that_goes_back_keeps_nobody_from_paying():
    """For days, perhaps; and should it not arrive, it is asked back again, whatever has been paid since."""
    paying = walked(OFFICE, STATES["second_refused_for_money"], refund(1), request(3))
    assert [each.number for each in paying.working(NOON)] == [3, 1]
    paid = walked(OFFICE, paying, opened(3), succeeded(3))
    assert OFFICE.decide(paid, not_back(1), NOON).events == (THE_MONEY_STAYS,)
    again = walked(OFFICE, paid, not_back(1), refund(1), back(1, nth=2))
    assert [each.phase for each in again.attempts] == ["succeeded", "refunded"]


def test_what_ends_by_itself_is_not_kept_waiting_by_a_refund():
    """A refund may be pending for days; nobody's payment waits for it, and nobody's cancellation."""
    later = NOON + timedelta(minutes=1)
    state = walked(OFFICE, STATES["second_and_refunding"], opened(2), at=later)
    assert tasks(state, later) == [(2, "confirm"), (1, "refund")]
    watching = walked(OFFICE, state, needs_action(2), at=later)
    assert tasks(watching, later) == [(2, "watch"), (1, "refund")], "he may pay for minutes, banks take days"
    assert tasks(walked(OFFICE, watching, stop(2), at=later), later) == [(2, "cancel"), (1, "refund")]


def test_a_refund_that_waits_for_its_time_does_not_keep_another_waiting():
    twice_paid = walked(OFFICE, STATES["second_and_late_money"], opened(2), succeeded(2))
    state = walked(OFFICE, twice_paid, refund(2), not_back(2), refund(2), refund(1))
    assert OFFICE.due(state) == NOON
    assert tasks(state, NOON) == [(1, "refund")]
    assert tasks(state, NOON + REFUND_PAUSE) == [(1, "refund"), (2, "refund")]
    assert OFFICE.due(walked(OFFICE, state, back(1))) == NOON + REFUND_PAUSE


def test_a_refund_that_fails_is_tried_again_after_ever_longer_pauses():
    pauses = [pause_before(number) for number in range(1, 40)]
    assert pauses[:4] == [timedelta(0), REFUND_PAUSE, 2 * REFUND_PAUSE, 4 * REFUND_PAUSE]
    assert pauses == sorted(pauses)
    assert pauses[-1] == REFUND_PAUSE_MAX


@pytest.mark.parametrize(("later", "at"), [(REFUND_PAUSE / 2, REFUND_PAUSE), (DAY, DAY)], ids=["soon", "a day later"])
def test_the_pause_between_refunds_begins_when_the_last_one_failed(later, at):
    again = OFFICE.decide(STATES["refund_failed"], refund(1), NOON + later).state
    assert again.attempt.since == NOON + at


@pytest.mark.parametrize("name", without(FIRST_LIVE, *OPENING))
def test_a_stop_that_crosses_a_decline_ends_without_money(name):
    ended = walked(OFFICE, STATES[name], stop(1), declined(1), dead(1))
    assert ended.attempt.phase == "failed"
    assert next_step(ended) is None


def test_an_intent_whose_id_comes_after_its_attempt_was_stopped_is_never_confirmed():
    ended = STATES["stopped_while_opening"]
    assert OFFICE.decide(ended, opened(1), NOON).state is ended


def test_a_late_copy_of_a_failed_refund_does_not_end_the_next_one():
    failure = not_back(1)
    second = walked(OFFICE, STATES["refunding"], failure, refund(1))
    assert OFFICE.decide(second, failure, NOON).state is second


def test_a_second_attempt_refused_once_never_starts():
    freed = walked(OFFICE, STATES["second_refused"], declined(1), dead(1))
    assert OFFICE.decide(freed, request(2), NOON).events == (stopped(2),)
    assert walked(OFFICE, freed, request(2)).attempt == freed.attempt


def test_a_third_attempt_may_follow_a_second_that_was_refused():
    freed = walked(OFFICE, STATES["second_refused"], declined(1), dead(1))
    assert walked(OFFICE, freed, request(3)).attempt.number == 3


ANYTHING = [
    ORDER_CANCELLED,
    *(
        word(attempt)
        for word in (
            *(request, stop, refund, opened, page_opened, succeeded, declined, needs_action, dead, back, not_back),
            *(orphan_declined, orphan_dead, partial(back, nth=UNNUMBERED), partial(not_back, nth=UNNUMBERED)),
        )
        for attempt in (1, 2, 3)
    ),
]


def phase_of(state, number):
    attempt = state.find(number)
    return attempt.phase if attempt else None


HAPPENS_MOST = [request(1), opened(1), succeeded(1), declined(1), dead(1), request(2), opened(2), refund(1)] * 2
ENDS = (PaymentCreated, PaymentFailed, PaymentStopped)


def test_whatever_comes_no_money_is_taken_twice_and_none_is_lost():
    for turns in sequences(OFFICE, ORDER, ANYTHING + HAPPENS_MOST, length=40):
        taken, given_back, come_back = Counter(), Counter(), Counter()
        for turn in turns:
            before, after = turn.before, turn.after
            taken.update(event.attempt for event in turn.published(PaymentCreated))
            for number in (1, 2, 3):
                was, phase = phase_of(before, number), phase_of(after, number)
                given_back[number] += phase == "refunded" != was
                come_back[number] += was == "refunded" != phase
            if before.attempt and before.attempt.number != after.attempt.number:
                assert not is_live(before), turn
                assert before.attempt.number < after.attempt.number, turn
                assert isinstance(turn.message, PaymentRequested), turn
            if after.attempt and not is_live(after) and is_live(before):
                assert len(turn.decision.events) == 1, turn
                assert isinstance(turn.decision.events[0], ENDS), turn
            if is_live(after) and not is_live(before):
                assert before.status != "closed", turn
                assert after.attempt.number > before.stopped, turn
            assert before.status != "closed" or after.status == "closed", turn
            assert after.stopped >= before.stopped, turn
            for attempt in (after.attempt, *after.past):
                if attempt and attempt.phase in ("succeeded", "refunding", "refunded"):
                    assert taken[attempt.number] == 1, turn
        assert all(count == 1 for count in taken.values()), turns[-1].seed
        assert all(given_back[number] - come_back[number] in (0, taken[number]) for number in given_back), turns[
            -1
        ].seed


def test_whatever_comes_the_money_of_an_attempt_is_its_last_word():
    """Money may come after an attempt had failed; no failure is told of money that is there."""
    for turns in sequences(OFFICE, ORDER, ANYTHING + HAPPENS_MOST, length=40):
        ends = {}
        for turn in turns:
            for event in turn.decision.events:
                if isinstance(event, ENDS):
                    ends.setdefault(event.attempt, []).append(event)
        for attempt, said in ends.items():
            money = [isinstance(event, PaymentCreated) for event in said]
            assert not any(money[:-1]), (turns[-1].seed, attempt, said)


def test_whatever_comes_no_attempt_is_forgotten_and_only_one_may_take_money():
    for turns in sequences(OFFICE, ORDER, ANYTHING + HAPPENS_MOST, length=40):
        for turn in turns:
            before, after = turn.before, turn.after
            known = [attempt.number for attempt in (after.attempt, *after.past) if attempt]
            assert known == sorted(set(known), reverse=True), turn
            assert {each.number for each in (before.attempt, *before.past) if each} <= set(known), turn
            assert not any(is_live(replace(after, attempt=earlier)) for earlier in after.past), turn
            if before.attempt and after.attempt != before.attempt and after.attempt.number != before.attempt.number:
                assert not has_money(before), turn
