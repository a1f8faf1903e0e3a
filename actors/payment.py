"""The rules of an order's money: one attempt at a time, and Stripe's word is the only truth.

    opening -> confirming -> (acting) -> succeeded <-> refunding -> refunded
       |            |            |
       |            +-> cancelling
       +----------------> failed        (an intent is dead, or has no id, before its attempt counts as failed)

`step` says what to do at Stripe next; the service's task does it and comes back with a `StripeAnswer`.
"""

from datetime import datetime
from typing import Literal

from msgspec import field
from msgspec.structs import replace

from actors.contract import (
    PAYMENTS,
    Decision,
    Id,
    IntentCancelled,
    IntentDeclined,
    IntentNeedsAction,
    IntentOpened,
    IntentSucceeded,
    Message,
    OrderCancelled,
    OrderCreated,
    PaymentActionRequired,
    PaymentCreated,
    PaymentEvent,
    PaymentFailed,
    PaymentMethod,
    PaymentRefund,
    PaymentRefunded,
    PaymentRefundFailed,
    PaymentRequested,
    PaymentStop,
    PaymentStopped,
    Record,
    RefundFailed,
    RefundSucceeded,
    State,
    StripeAnswer,
    ignore,
)

Phase = Literal["opening", "confirming", "acting", "cancelling", "succeeded", "failed", "refunding", "refunded"]
Step = Literal["open", "confirm", "watch", "cancel", "refund"]

LIVE: frozenset[Phase] = frozenset({"opening", "confirming", "acting", "cancelling"})
"""Phases in which the intent may still take money."""


class Attempt(Record, frozen=True, kw_only=True):
    """One try at paying: one payment intent."""

    number: int
    payment_id: Id
    amount: int
    method: PaymentMethod
    since: datetime
    """When the present phase began."""

    phase: Phase = "opening"
    stripe_id: str | None = None
    stopping: bool = False
    """The order asked to end it."""

    code: str | None = None
    reason: str | None = None
    refunds: int = 0
    """How often its money was to be given back: a refund that failed may be followed by another."""


class Payment(State, frozen=True, kw_only=True):
    """The money of one order; its id is the order's."""

    id: Id = field(name="_id")
    status: Literal["unknown", "open", "closed"] = "unknown"
    attempt: Attempt | None = None
    stopped: int = 0
    """Attempts up to this number will never begin: they were stopped before they were requested, or refused."""


class PaymentBehaviour:
    """Decides what to do about an order's money."""

    service = PAYMENTS
    state_type = Payment

    def empty(self, key: Id) -> Payment:
        """The money nobody has asked for."""
        return Payment(id=key)

    def due(self, state: Payment) -> datetime | None:
        """There is work at Stripe from the moment a phase that needs it began."""
        return state.attempt.since if state.attempt and step(state) else None

    def decide(self, state: Payment, message: Message, now: datetime) -> Decision[Payment]:
        """Answer one message; see the functions below for the rules."""
        match message:
            case OrderCreated():
                return open_till(state)
            case OrderCancelled():
                return close_till(state)
            case PaymentRequested():
                return start(state, message, now)
            case PaymentStop():
                return stop(state, message)
            case PaymentRefund():
                return refund(state, message, now)
            case StripeAnswer() if state.attempt and state.attempt.number == message.attempt:
                return hear(state, state.attempt, message, now)
            case StripeAnswer():
                return ignore(state)
        raise TypeError(f"a payment does not understand {type(message).__name__}")


def step(state: Payment) -> Step | None:
    """What to do at Stripe next; None where there is nothing to do."""
    match state.attempt:
        case None | Attempt(phase="succeeded" | "failed" | "refunded"):
            return None
        case Attempt(phase="opening"):
            return "open"
        case Attempt(phase="refunding"):
            return "refund"
        case Attempt(phase="cancelling") | Attempt(stopping=True):
            return "cancel"
        case Attempt(phase="acting"):
            return "watch"
    return "confirm"


def is_live(state: Payment) -> bool:
    """Whether an attempt may still take money."""
    return state.attempt is not None and state.attempt.phase in LIVE


def open_till(state: Payment) -> Decision[Payment]:
    """The order exists and may be paid, unless it is known to be over."""
    return Decision(state.next(status="open")) if state.status == "unknown" else ignore(state)


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
    if is_live(state):
        return Decision(state.next(stopped=wish.attempt), events=(refused_as_second(state, wish),))
    attempt = Attempt(
        number=wish.attempt,
        payment_id=wish.payment_id,
        amount=wish.amount,
        method=wish.method,
        since=now,
    )
    return Decision(state.next(status="open", attempt=attempt))


def refused_as_second(state: Payment, wish: PaymentRequested) -> PaymentFailed:
    """An order has one live payment instrument at most."""
    reason = "Another payment for this order is under way"
    return PaymentFailed(order_id=state.id, attempt=wish.attempt, code="payment_in_progress", reason=reason)


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


def refund(state: Payment, wish: PaymentRefund, now: datetime) -> Decision[Payment]:
    """Give back what an attempt took, once."""
    attempt = state.attempt
    if attempt is None or attempt.number != wish.attempt:
        failed = PaymentRefundFailed(order_id=state.id, attempt=wish.attempt, reason="No such payment was taken")
        return Decision(state.next(), events=(failed,))
    if attempt.phase != "succeeded":
        return ignore(state)
    refunding = replace(attempt, phase="refunding", refunds=attempt.refunds + 1, since=now)
    return Decision(state.next(attempt=refunding))


def hear(state: Payment, attempt: Attempt, answer: StripeAnswer, now: datetime) -> Decision[Payment]:
    """Apply what Stripe says of the present attempt; an answer to a phase that is past changes nothing."""
    live = attempt.phase in LIVE
    match answer:
        case IntentOpened() if attempt.phase == "opening":
            opened = replace(attempt, phase="confirming", stripe_id=answer.stripe_id, since=now)
            return Decision(state.next(attempt=opened))
        case IntentSucceeded() if live and attempt.stripe_id:
            return Decision(
                state.next(attempt=replace(attempt, phase="succeeded", amount=answer.amount, since=now)),
                events=(created(state, attempt, answer.amount),),
            )
        case IntentNeedsAction() if attempt.phase == "confirming":
            return Decision(
                state.next(attempt=replace(attempt, phase="acting", since=now)),
                events=(action_required(state, attempt, answer),),
            )
        case IntentDeclined() if attempt.phase == "opening":
            refused = replace(attempt, phase="failed", code=answer.code, reason=answer.reason, since=now)
            return Decision(state.next(attempt=refused), events=(failure(state, refused),))
        case IntentDeclined() if attempt.phase in ("confirming", "acting"):
            declined = replace(attempt, phase="cancelling", code=answer.code, reason=answer.reason, since=now)
            return Decision(state.next(attempt=declined))
        case IntentCancelled() if live:
            failed = replace(attempt, phase="failed", since=now)
            return Decision(state.next(attempt=failed), events=(failure(state, attempt),))
        case RefundSucceeded() if attempt.phase in ("refunding", "succeeded"):
            refunded = PaymentRefunded(order_id=state.id, attempt=attempt.number)
            return Decision(state.next(attempt=replace(attempt, phase="refunded", since=now)), events=(refunded,))
        case RefundFailed() if attempt.phase == "refunding" and answer.refund == attempt.refunds:
            kept = PaymentRefundFailed(order_id=state.id, attempt=attempt.number, reason=answer.reason)
            return Decision(state.next(attempt=replace(attempt, phase="succeeded", since=now)), events=(kept,))
    return ignore(state)


def created(state: Payment, attempt: Attempt, amount: int) -> PaymentCreated:
    """The news that the money is there."""
    assert attempt.stripe_id is not None, "an intent that succeeded has an id"
    return PaymentCreated(
        order_id=state.id,
        attempt=attempt.number,
        payment_id=attempt.payment_id,
        stripe_id=attempt.stripe_id,
        amount=amount,
    )


def action_required(state: Payment, attempt: Attempt, answer: IntentNeedsAction) -> PaymentActionRequired:
    """The news that the bank wants to see the buyer."""
    assert attempt.stripe_id is not None, "an intent that was confirmed has an id"
    return PaymentActionRequired(
        order_id=state.id,
        attempt=attempt.number,
        stripe_id=attempt.stripe_id,
        next_action=answer.next_action,
    )


def failure(state: Payment, attempt: Attempt) -> PaymentEvent:
    """The news that no money will come: declined, stopped as asked, or given up."""
    if attempt.stopping and not attempt.code:
        return PaymentStopped(order_id=state.id, attempt=attempt.number)
    return PaymentFailed(
        order_id=state.id,
        attempt=attempt.number,
        code=attempt.code or "payment_not_completed",
        reason=attempt.reason or "The payment could not be completed; no money was taken",
        stripe_id=attempt.stripe_id,
    )
