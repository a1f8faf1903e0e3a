"""The rules of an order's timer: it alone compares a deadline with a clock.

It exists while the window is open. Its deadline, which is stored, is as good as a message in an outbox: whoever finds
it past tells the order so, as often as it takes (see `alarm`), and then nobody needs the timer any more.
"""

from datetime import datetime

from msgspec import field

from actors.contract import (
    EXPIRATION,
    Decision,
    Id,
    Message,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    State,
    Wake,
    forget,
    ignore,
)


class Expiration(State, frozen=True, kw_only=True):
    """The payment window of one order; its id is the order's."""

    id: Id = field(name="_id")
    expires_at: datetime | None = None


class ExpirationBehaviour:
    """Decides when a payment window closes."""

    service = EXPIRATION
    state_type = Expiration

    def empty(self, key: Id) -> Expiration:
        """The timer of an order nobody has told of, or that is over."""
        return Expiration(id=key)

    def due(self, state: Expiration) -> datetime | None:
        """The order is told at the deadline."""
        return state.expires_at

    def decide(self, state: Expiration, message: Message, now: datetime) -> Decision[Expiration]:
        """Answer one message; see the functions below for the rules."""
        match message:
            case OrderCreated():
                return start(state, message)
            case OrderCancelled() | OrderCompleted():
                return forget(state)
            case Wake():
                return close(state, now)
        raise TypeError(f"a timer does not understand {type(message).__name__}")


def start(state: Expiration, event: OrderCreated) -> Decision[Expiration]:
    """A window opens once.

    Should its creation be heard of again when the order is over, a new timer tells it once more, which the order passes
    over.
    """
    if state.exists:
        return ignore(state)
    return Decision(state.next(expires_at=event.expires_at))


def close(state: Expiration, now: datetime) -> Decision[Expiration]:
    """The deadline has come, and the order has heard of it."""
    if state.expires_at is None or now < state.expires_at:
        return ignore(state)
    return forget(state)
