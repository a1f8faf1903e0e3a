"""The rules of a payment: one attempt at a time, and Stripe's word is the only truth.

    opening -> confirming -> acting -> succeeded <-> refunding -> refunded   (and back, if the bank returns it)
       |           |           |         |
       |           +-----------+--> cancelling
       |           |           |         |
       +-----------+-----------+---------+--> failed -> succeeded   (late money)

A page goes from opening to acting. An intent is dead, or has no id, before its attempt counts as failed. Stripe may say
of any phase before `failed` that the money is there.

`step_of` says what to do at Stripe next; the service's task does it and comes back with a `StripeAnswer`.
"""

from datetime import datetime

from msgspec.structs import replace

from actors.contract import (
    PAYMENTS,
    Decision,
    Id,
    Message,
    NextAction,
    OrderCancelled,
    PaymentMethod,
    PaymentRefund,
    PaymentRequested,
    PaymentStop,
    PaymentStopped,
    ignore,
)
from actors.payment_answers import (
    CheckoutOpened,
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    RefundFailed,
    RefundSucceeded,
    StripeAnswer,
)
from actors.payment_news import action_required, created, failure, refused_as_second
from actors.payment_refunds import hear_of_refund, refund
from actors.payment_state import LIVE, Attempt, Payment, has_money, is_live, step_of


class PaymentBehaviour:
    """Decides what to do about an order's money."""

    service = PAYMENTS
    state_type = Payment

    def empty(self, key: Id) -> Payment:
        """The money nobody has asked for."""
        return Payment(id=key)

    def due(self, state: Payment) -> datetime | None:
        """There is work at Stripe from the moment the first phase that needs it began."""
        return min((each.since for each in state.attempts if step_of(each)), default=None)

    def decide(self, state: Payment, message: Message, now: datetime) -> Decision[Payment]:
        """Answer one message; see the functions below for the rules."""
        match message:
            case OrderCancelled():
                return close_till(state)
            case PaymentRequested():
                return start(state, message, now)
            case PaymentStop():
                return stop(state, message)
            case PaymentRefund():
                return refund(state, message, now)
            case StripeAnswer():
                attempt = state.find(message.attempt)
                return hear(state, attempt, message, now) if attempt else ignore(state)
        raise TypeError(f"a payment does not understand {type(message).__name__}")


def close_till(state: Payment) -> Decision[Payment]:
    """The order is over: no payment any more. Leaves a tombstone."""
    if state.status == "closed":
        return ignore(state)
    attempt = replace(state.attempt, stopping=True) if state.attempt and is_live(state) else state.attempt
    return Decision(state.next(status="closed", attempt=attempt))


def start(state: Payment, wish: PaymentRequested, now: datetime) -> Decision[Payment]:
    """Begin an attempt, unless it was stopped before or another may still take money."""
    if state.attempt and wish.attempt <= state.attempt.number:
        return ignore(state)
    if state.status == "closed" or wish.attempt <= state.stopped:
        return Decision(state.next(), events=(PaymentStopped(order_id=state.id, attempt=wish.attempt),))
    if is_live(state) or has_money(state):
        return Decision(state.next(stopped=wish.attempt), events=(refused_as_second(state, wish),))
    attempt = Attempt(
        number=wish.attempt,
        payment_id=wish.payment_id,
        amount=wish.amount,
        title=wish.title,
        method=wish.method,
        since=now,
    )
    past = (replace(state.attempt, method=PaymentMethod()), *state.past) if state.attempt else ()
    return Decision(state.next(status="open", attempt=attempt, past=past))


def stop(state: Payment, wish: PaymentStop) -> Decision[Payment]:
    """End the attempt if it can still be ended; one not requested yet will be refused."""
    attempt = state.attempt
    if attempt is None or attempt.number < wish.attempt:
        return Decision(state.next(stopped=wish.attempt)) if state.stopped < wish.attempt else ignore(state)
    if attempt.number > wish.attempt or not is_live(state) or attempt.stopping:
        return ignore(state)
    if attempt.phase == "opening":  # an intent whose id is not committed is never confirmed: it can take no money
        ended = replace(attempt, phase="failed", stopping=True)
        return Decision(state.next(attempt=ended), events=(failure(state, ended),))
    return Decision(state.next(attempt=replace(attempt, stopping=True)))


def hear(state: Payment, attempt: Attempt, answer: StripeAnswer, now: datetime) -> Decision[Payment]:
    """Apply what Stripe says of an attempt; an answer to a phase that is past changes nothing."""
    live = attempt.phase in LIVE
    match answer:
        case IntentOpened() if attempt.phase == "opening":
            opened = replace(attempt, phase="confirming", stripe_id=answer.stripe_id, since=now)
            return Decision(state.put(opened))
        case CheckoutOpened() if attempt.phase == "opening":
            waiting = replace(attempt, phase="acting", stripe_id=answer.stripe_id, since=now)
            page = NextAction(kind="checkout", url=answer.url)
            return Decision(state.put(waiting), events=(action_required(state, waiting, page),))
        case IntentSucceeded() if live or attempt.phase == "failed":
            # Stripe's word counts whenever it comes: the order decides what late money buys.
            paid = replace(attempt, phase="succeeded", stripe_id=answer.stripe_id, amount=answer.amount, since=now)
            return Decision(state.put(paid), events=(created(state, paid),))
        case IntentNeedsAction() if attempt.phase == "confirming":
            acting = replace(attempt, phase="acting", since=now)
            return Decision(state.put(acting), events=(action_required(state, acting, answer.next_action),))
        case IntentDeclined() | IntentCancelled() if answer.stripe_id not in (None, attempt.stripe_id):
            return ignore(state)  # an orphan's end, or a declined card on a page that is still open
        case IntentDeclined() if attempt.phase == "opening":  # Stripe would not even open it
            refused = replace(attempt, phase="failed", code=answer.code, reason=answer.reason, since=now)
            return Decision(state.put(refused), events=(failure(state, refused),))
        case IntentDeclined() if attempt.phase in ("confirming", "acting"):
            declined = replace(attempt, phase="cancelling", code=answer.code, reason=answer.reason, since=now)
            return Decision(state.put(declined))
        case IntentCancelled() if live:
            failed = replace(attempt, phase="failed", since=now)
            return Decision(state.put(failed), events=(failure(state, attempt),))
        case RefundSucceeded() | RefundFailed():
            return hear_of_refund(state, attempt, answer, now)
    return ignore(state)
