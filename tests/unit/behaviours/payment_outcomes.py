"""What can come of a message to a payment: the words in which its rules are written."""

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from actors.contract import Decision, Message
from actors.payment_state import Attempt, Payment, Step, is_live, step_of

from .given import ACKNOWLEDGED, NOON, Outcome, changes
from .payment_papers import FORGOTTEN


def says(*events: Message, **fields: Any) -> Outcome:
    return changes(ACKNOWLEDGED, *events, **fields)


def the_attempt(*events: Message, number: int = 1, **fields: Any) -> Outcome:
    """This attempt changes, be it the newest or a past one."""

    def outcome(state: Any) -> Decision[Any]:
        if state.attempt.number == number:
            return says(*events, attempt=replace(state.attempt, **fields))(state)
        (earlier,) = state.past
        assert earlier.number == number
        return says(*events, past=(replace(earlier, **fields),))(state)

    return outcome


def begins(attempt: Attempt) -> Outcome:
    """A new attempt; what went before is past, and not forgotten."""

    def outcome(state: Any) -> Decision[Any]:
        past = (replace(state.attempt, method=FORGOTTEN), *state.past) if state.attempt else ()
        return says(status="open", attempt=attempt, past=past)(state)

    return outcome


def closes(state: Any) -> Decision[Any]:
    """No payment any more: what is live is to end."""
    attempt = state.attempt
    if is_live(state):
        attempt = replace(attempt, stopping=True)
    return says(status="closed", attempt=attempt)(state)


IS_STOPPED = the_attempt(stopping=True)


def next_step(state: Payment) -> Step | None:
    """What its task does at Stripe next, in the end; None where there is nothing to do."""
    return next(map(step_of, state.working(NOON + timedelta(days=1))), None)
