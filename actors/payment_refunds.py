"""The rules of money that goes back: once, however often it is asked for, and again if the bank returns it."""

from datetime import datetime, timedelta

from msgspec.structs import replace

from actors.contract import Decision, PaymentRefund, PaymentRefunded, PaymentRefundFailed, ignore
from actors.payment_answers import RefundFailed, RefundSucceeded
from actors.payment_state import Attempt, Payment

REFUND_PAUSE = timedelta(minutes=1)
REFUND_PAUSE_MAX = timedelta(hours=6)
"""Between refunds of the same money, from the second on: doubling from the first of these to the last."""


def refund(state: Payment, wish: PaymentRefund, now: datetime) -> Decision[Payment]:
    """Give back what an attempt took, once; who asks again hears again that it is back."""
    attempt = state.find(wish.attempt)
    if attempt is None:
        reason = "No such payment was taken"
        failed = PaymentRefundFailed(order_id=state.id, attempt=wish.attempt, reason=reason, is_unknown=True)
        return Decision(state.next(), events=(failed,))
    if attempt.phase == "refunded":
        return Decision(state.next(), events=(PaymentRefunded(order_id=state.id, attempt=attempt.number),))
    if attempt.phase != "succeeded":
        return ignore(state)
    number = attempt.refunds + 1
    at = max(now, attempt.since + pause_before(number))
    return Decision(state.put(replace(attempt, phase="refunding", refunds=number, since=at)))


def pause_before(refund: int) -> timedelta:
    """How long after a failure the refund with this number, counted from 1, may be tried: it may fail once more."""
    if refund == 1:
        return timedelta(0)
    return min(REFUND_PAUSE * (1 << min(refund - 2, 16)), REFUND_PAUSE_MAX)


def hear_of_refund(
    state: Payment, attempt: Attempt, answer: RefundSucceeded | RefundFailed, now: datetime
) -> Decision[Payment]:
    """Whether the money is back: the order hears it either way."""
    if not is_of_now(attempt, answer):
        return ignore(state)
    if isinstance(answer, RefundSucceeded):
        refunded = PaymentRefunded(order_id=state.id, attempt=attempt.number)
        return Decision(state.put(replace(attempt, phase="refunded", since=now)), events=(refunded,))
    kept = PaymentRefundFailed(order_id=state.id, attempt=attempt.number, reason=answer.reason)
    return Decision(state.put(replace(attempt, phase="succeeded", reason=answer.reason, since=now)), events=(kept,))


def is_of_now(attempt: Attempt, answer: RefundSucceeded | RefundFailed) -> bool:
    """Whether a refund's end is news: others may give money back, and what had succeeded may fail days later."""
    is_all_back = isinstance(answer, RefundSucceeded) and answer.refund == 0
    match attempt.phase:
        case "refunding":
            return is_all_back or answer.refund == attempt.refunds
        case "succeeded":
            return is_all_back
        case "refunded":
            return isinstance(answer, RefundFailed)
    return False
