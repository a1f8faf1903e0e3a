"""What a payment knows: its attempts, and what is to be done about them at Stripe."""

from datetime import datetime
from typing import Literal

from msgspec import field

from actors.contract import Id, PaymentMethod, Record, State

Phase = Literal["opening", "confirming", "acting", "cancelling", "succeeded", "failed", "refunding", "refunded"]
Step = Literal["open", "confirm", "watch", "cancel", "refund"]
"""`open` makes an intent or a Checkout session; `cancel` ends either."""

WAITS: dict[Step | None, int] = {"watch": 1, "refund": 2}
"""Steps that wait for others: the higher, the longer."""

LIVE: frozenset[Phase] = frozenset({"opening", "confirming", "acting", "cancelling"})
"""Phases in which the intent may still take money."""

PAYING: frozenset[Phase] = frozenset({"opening", "confirming", "cancelling"})
"""Phases that a buyer sits in front of: he wants to pay, or to hear that his card was declined."""


class Attempt(Record, frozen=True, kw_only=True):
    """One try at paying: one payment intent, or one Checkout session."""

    number: int
    payment_id: Id
    amount: int
    title: str = "Ticket"
    """What the buyer pays for."""

    method: PaymentMethod
    """What it is to be paid with; of a past attempt nothing is kept, for its money can only go back."""

    since: datetime
    """When the present phase began."""

    phase: Phase = "opening"
    stripe_id: str | None = None
    stopping: bool = False
    """The order asked to end it."""

    code: str | None = None
    reason: str | None = None
    """Why it was declined; once its money could not be given back, why not, the last time."""

    refunds: int = 0
    """How often its money was to be given back: a refund that failed may be followed by another."""


class Payment(State, frozen=True, kw_only=True):
    """The money of one order; its id is the order's."""

    id: Id = field(name="_id")
    status: Literal["unknown", "open", "closed"] = "unknown"
    attempt: Attempt | None = None
    """The newest attempt."""

    past: tuple[Attempt, ...] = ()
    """Earlier attempts, all dead; should one of them take money nevertheless, it can be given back."""

    stopped: int = 0
    """Attempts up to this number will never begin: they were stopped before they were requested, or refused."""

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """All of them, the newest first."""
        return (self.attempt, *self.past) if self.attempt else ()

    @property
    def can_wait(self) -> bool:
        """Whether no buyer sits in front of what is to be done: past attempts are dead, so it is about the newest."""
        return self.attempt is None or self.attempt.phase not in PAYING

    def find(self, number: int) -> Attempt | None:
        """The attempt with this number."""
        return next((each for each in self.attempts if each.number == number), None)

    def put(self, attempt: Attempt) -> "Payment":
        """The next state, with this attempt in the place of the one with its number."""
        if self.attempt and self.attempt.number == attempt.number:
            return self.next(attempt=attempt)
        return self.next(past=tuple(attempt if each.number == attempt.number else each for each in self.past))

    def working(self, now: datetime) -> list[Attempt]:
        """The attempts that something is to be done about at Stripe by `now`, each when those before it must wait.

        What ends by itself comes before what may wait for the buyer, for as long as he may pay, and that before what
        may wait for banks for days; among equals, whoever waits for longest.
        """
        due = [each for each in self.attempts if step_of(each) and each.since <= now]
        return sorted(due, key=lambda each: (WAITS.get(step_of(each), 0), each.since))


def step_of(attempt: Attempt) -> Step | None:
    """What to do about an attempt at Stripe next; None where there is nothing to do."""
    match attempt.phase:
        case "succeeded" | "failed" | "refunded":
            return None
        case "opening":
            return "open"
        case "refunding":
            return "refund"
        case "acting" if not attempt.stopping:
            return "watch"
        case "confirming" if not attempt.stopping:
            return "confirm"
    return "cancel"


def is_live(state: Payment) -> bool:
    """Whether an attempt may still take money."""
    return state.attempt is not None and state.attempt.phase in LIVE


def has_money(state: Payment) -> bool:
    """Whether the newest attempt took money that nobody has asked back: another payment would be one too many."""
    return state.attempt is not None and state.attempt.phase == "succeeded"
