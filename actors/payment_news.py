"""What a payment says to its order."""

from actors.contract import (
    NextAction,
    PaymentActionRequired,
    PaymentCreated,
    PaymentEvent,
    PaymentFailed,
    PaymentRequested,
    PaymentStopped,
)
from actors.payment_state import Attempt, Payment

SECOND = "Another payment for this order is under way"
NOT_COMPLETED = "The payment could not be completed; no money was taken"
"""Why an attempt took no money, where Stripe does not say it."""


def refused_as_second(state: Payment, wish: PaymentRequested) -> PaymentFailed:
    """An order has one live payment instrument at most."""
    return PaymentFailed(order_id=state.id, attempt=wish.attempt, code="payment_in_progress", reason=SECOND)


def created(state: Payment, attempt: Attempt) -> PaymentCreated:
    """The news that the money is there."""
    assert attempt.stripe_id is not None, "an intent that succeeded has an id"
    return PaymentCreated(
        order_id=state.id,
        attempt=attempt.number,
        payment_id=attempt.payment_id,
        stripe_id=attempt.stripe_id,
        amount=attempt.amount,
    )


def action_required(state: Payment, attempt: Attempt, action: NextAction) -> PaymentActionRequired:
    """The news that it is the buyer's turn."""
    assert attempt.stripe_id is not None, "what waits for the buyer has an id"
    return PaymentActionRequired(
        order_id=state.id, attempt=attempt.number, stripe_id=attempt.stripe_id, next_action=action
    )


def failure(state: Payment, attempt: Attempt) -> PaymentEvent:
    """The news that no money will come: declined, stopped as asked, or given up."""
    if attempt.stopping and not attempt.code:
        return PaymentStopped(order_id=state.id, attempt=attempt.number)
    return PaymentFailed(
        order_id=state.id,
        attempt=attempt.number,
        code=attempt.code or "payment_not_completed",
        reason=attempt.reason or NOT_COMPLETED,
        stripe_id=attempt.stripe_id,
    )
