"""The rules of a payment: for each message, what it means in each state.

Read a line as a sentence: what is said, the message that says it, what it means in most states (`otherwise`), and what
it means in each state that is different. Its words are in `payment_outcomes`; `payment_states` tells how each state
came about. Where no `otherwise` is given the message is acknowledged and changes nothing. So a line speaks of the
states it does not name, too: each is held against every state.
"""

from msgspec.structs import replace

from actors.contract import PaymentRefund, PaymentRequested
from actors.payment_refunds import REFUND_PAUSE

from .given import NOON, NOTHING, PRICE, Gossip, Rule, each, is_not_understood, rule, without
from .payment_outcomes import IS_STOPPED, begins, closes, says, the_attempt
from .payment_papers import (
    CLOSED_CARD,
    OPEN_PAGE,
    ORDER_CANCELLED,
    PAGE,
    THE_BANK_ASKS,
    THE_MONEY_IS_BACK,
    THE_MONEY_STAYS,
    THE_PAGE_IS_OPEN,
    UNNUMBERED,
    another_is_under_way,
    back,
    dead,
    declined,
    it_came_to_nothing,
    needs_action,
    never_taken,
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
    the_card_was_declined,
    the_money_is_there,
)
from .payment_states import (
    ACTING,
    BY_PAGE,
    CANCELLING,
    CLOSED,
    CONFIRMING,
    FAILED,
    FIRST,
    FIRST_LIVE,
    NEXT,
    NO_ATTEMPT,
    OPENING,
    PAGES,
    REFUNDED,
    REFUNDING,
    SECONDS,
    SUCCEEDED,
)

RULES: list[Rule] = [
    # The order is over. Of its beginning nobody tells: its first request brings the payment into being.
    rule("the order is over", ORDER_CANCELLED, otherwise=closes, **each(CLOSED, NOTHING)),
    # A request starts an attempt, unless it was stopped before, another may still take money, or it is paid already.
    # What is on its way back pays for nothing.
    rule(
        "the first attempt is requested",
        request(1),
        unknown=begins(FIRST),
        **each(("closed", "stopped_early"), says(stopped(1))),
    ),
    rule(
        "the first attempt is requested, by page",
        request(1, PAGE),
        unknown=begins(BY_PAGE),
        **each(("closed", "stopped_early"), says(stopped(1))),
    ),
    rule(
        "the second attempt is requested",
        request(2),
        otherwise=begins(NEXT),
        **each(SECONDS, NOTHING),
        **each(("second_refused", "second_refused_for_money"), says(stopped(2))),
        **each(
            without((*FIRST_LIVE, *SUCCEEDED), "second_refused", "second_refused_for_money", *CLOSED),
            says(another_is_under_way(2), stopped=2),
        ),
        **each(CLOSED, says(stopped(2))),
    ),
    # A stop ends what can still be ended, and is remembered where its request was not heard of yet.
    rule(
        "the first attempt is to stop",
        stop(1),
        **each(("unknown", "closed"), says(stopped=1)),
        **each(("opening", "page_opening"), the_attempt(stopped(1), phase="failed", stopping=True)),
        **each(("confirming", "second_refused", "acting", "cancelling", "page_open"), IS_STOPPED),
    ),
    rule(
        "the second attempt is to stop",
        stop(2),
        otherwise=says(stopped=2),
        **each(("second_refused", "second_refused_for_money"), NOTHING),
        **each(SECONDS, the_attempt(stopped(2), number=2, phase="failed", stopping=True)),
    ),
    # A refund gives back what the attempt took, also when another has followed it.
    rule(
        "the first attempt is to be refunded",
        refund(1),
        **each(NO_ATTEMPT, says(never_taken(1))),
        **each(without(SUCCEEDED, "refund_failed"), the_attempt(phase="refunding", refunds=1)),
        refund_failed=the_attempt(phase="refunding", refunds=2, since=NOON + REFUND_PAUSE),
        second_and_late_money=the_attempt(phase="refunding", refunds=1),
        **each(REFUNDED, says(THE_MONEY_IS_BACK)),
    ),
    rule(
        "the second attempt is to be refunded",
        refund(2),
        otherwise=says(never_taken(2)),
        **each(SECONDS, NOTHING),
    ),
    # What Stripe says of an attempt.
    rule(
        "Stripe has opened the first intent",
        opened(1),
        **each(OPENING, the_attempt(phase="confirming", stripe_id="pi_1")),
    ),
    rule(
        "Stripe has opened the second intent",
        opened(2),
        **each(SECONDS, the_attempt(number=2, phase="confirming", stripe_id="pi_2")),
    ),
    rule(
        "Stripe has opened the first page",
        page_opened(1),
        **each(OPENING, the_attempt(THE_PAGE_IS_OPEN, phase="acting", stripe_id="cs_1")),
    ),
    rule(
        "Stripe has opened the second page",
        page_opened(2),
        **each(
            SECONDS,
            the_attempt(
                replace(
                    THE_PAGE_IS_OPEN,
                    attempt=2,
                    stripe_id="cs_2",
                    next_action=replace(OPEN_PAGE, url="https://stripe.example/c/cs_2"),
                ),
                number=2,
                phase="acting",
                stripe_id="cs_2",
            ),
        ),
    ),
    rule(
        "Stripe has the first attempt's money",
        succeeded(1),
        # However late: what had failed, too.
        **each(
            (*FIRST_LIVE, *FAILED, "second_opening"),
            the_attempt(the_money_is_there(1), phase="succeeded", stripe_id="pi_1"),
        ),
    ),
    rule(
        "Stripe has the second attempt's money",
        succeeded(2),
        **each(SECONDS, the_attempt(the_money_is_there(2), number=2, phase="succeeded", stripe_id="pi_2")),
    ),
    rule(
        "Stripe has more or less of the first attempt's money than was asked",
        replace(succeeded(1), amount=PRICE - 1),
        **each(
            (*FIRST_LIVE, *FAILED, "second_opening"),
            the_attempt(
                replace(the_money_is_there(1), amount=PRICE - 1),
                phase="succeeded",
                stripe_id="pi_1",
                amount=PRICE - 1,
            ),
        ),
    ),
    rule(
        "the first attempt's bank asks for the buyer",
        needs_action(1),
        **each(CONFIRMING, the_attempt(THE_BANK_ASKS, phase="acting")),
    ),
    rule("the second attempt's bank asks for the buyer", needs_action(2)),
    rule(
        "the first attempt's card is declined",
        declined(1),
        **each(
            OPENING,
            the_attempt(
                the_card_was_declined(1, stripe_id=None),
                phase="failed",
                code="insufficient_funds",
                reason="No funds",
            ),
        ),
        **each(
            (*CONFIRMING, *ACTING, *PAGES),
            the_attempt(phase="cancelling", code="insufficient_funds", reason="No funds"),
        ),
    ),
    rule(
        "a card is declined on the first page",
        replace(declined(1), stripe_id="pi_1"),  # the page, `cs_1`, stays open for another card
        **each(
            (*CONFIRMING, *ACTING),
            the_attempt(phase="cancelling", code="insufficient_funds", reason="No funds"),
        ),
    ),
    rule("an orphan of the first attempt is declined", orphan_declined(1)),
    rule("an orphan of the second attempt is declined", orphan_declined(2)),
    rule(
        "the second attempt's card is declined",
        declined(2),
        **each(
            SECONDS,
            the_attempt(
                the_card_was_declined(2, stripe_id=None),
                number=2,
                phase="failed",
                code="insufficient_funds",
                reason="No funds",
            ),
        ),
    ),
    rule(
        "the first intent or page is dead",
        dead(1),
        **each(("opening", "page_opening"), the_attempt(it_came_to_nothing(1, stripe_id=None), phase="failed")),
        closed_while_opening=the_attempt(stopped(1), phase="failed"),
        **each(("confirming", "second_refused", "acting"), the_attempt(it_came_to_nothing(1), phase="failed")),
        page_open=the_attempt(it_came_to_nothing(1, stripe_id="cs_1"), phase="failed"),
        **each(
            ("confirming_to_stop", "acting_to_stop", "closed_while_confirming", "page_closing"),
            the_attempt(stopped(1), phase="failed"),
        ),
        **each(CANCELLING, the_attempt(the_card_was_declined(1), phase="failed")),
    ),
    rule("an orphan of the first attempt is dead", orphan_dead(1)),
    rule("an orphan of the second attempt is dead", orphan_dead(2)),
    rule(
        "the second intent is dead",
        dead(2),
        **each(SECONDS, the_attempt(it_came_to_nothing(2, stripe_id=None), number=2, phase="failed")),
    ),
    rule(
        "the first attempt's money is back",
        back(1),
        **each(("refunding", "second_and_refunding"), the_attempt(THE_MONEY_IS_BACK, phase="refunded", since=NOON)),
    ),
    rule(
        "the first attempt's money is back, at the second try",
        back(1, nth=2),
        refunding_again=the_attempt(THE_MONEY_IS_BACK, phase="refunded", since=NOON),
    ),
    rule(
        "all of the first attempt's money is back, whoever gave it",
        back(1, nth=UNNUMBERED),
        **each(
            (*REFUNDING, *SUCCEEDED, "second_and_late_money", "second_and_refunding"),
            the_attempt(THE_MONEY_IS_BACK, phase="refunded", since=NOON),
        ),
    ),
    rule("the second attempt's money is back", back(2)),
    rule(
        "the first attempt's money cannot go back",
        not_back(1),
        **each(
            ("refunding", "second_and_refunding"), the_attempt(THE_MONEY_STAYS, phase="succeeded", reason=CLOSED_CARD)
        ),
        # It may fail days after it had succeeded.
        **each(REFUNDED, the_attempt(THE_MONEY_STAYS, phase="succeeded", reason=CLOSED_CARD, since=NOON)),
    ),
    rule(
        "what was given back of the first attempt by hand has come back",
        not_back(1, nth=UNNUMBERED),
        **each(REFUNDED, the_attempt(THE_MONEY_STAYS, phase="succeeded", reason=CLOSED_CARD, since=NOON)),
    ),
    rule(
        "the first attempt's money cannot go back, at the second try",
        not_back(1, nth=2),
        **each(REFUNDED, the_attempt(THE_MONEY_STAYS, phase="succeeded", reason=CLOSED_CARD, since=NOON)),
        refunding_again=the_attempt(THE_MONEY_STAYS, phase="succeeded", reason=CLOSED_CARD, since=NOON),
    ),
    rule("the second attempt's money cannot go back", not_back(2)),
    rule("gossip", Gossip(), otherwise=is_not_understood),
]

SAYS_AGAIN = (PaymentRequested, PaymentRefund)
"""A request that is refused, and a refund of what was never taken, get their answer as often as they come."""
