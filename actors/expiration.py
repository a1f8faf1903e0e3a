"""The rules of an order's timer: it alone compares a deadline with a clock."""

from datetime import datetime
from typing import Literal

from msgspec import field

from actors.contract import (
    EXPIRATION,
    Decision,
    ExpirationComplete,
    Id,
    Message,
    OrderCancelled,
    OrderCompleted,
    OrderCreated,
    State,
    Wake,
    ignore,
)


class Expiration(State, frozen=True, kw_only=True):
    """The payment window of one order; its id is the order's."""

    id: Id = field(name="_id")
    status: Literal["unknown", "waiting", "complete", "stopped"] = "unknown"
    expires_at: datetime | None = None


class ExpirationBehaviour:
    """Decides when a payment window closes."""

    service = EXPIRATION
    state_type = Expiration

    def empty(self, key: Id) -> Expiration:
        """The timer of an order nobody has told of."""
        return Expiration(id=key)

    def due(self, state: Expiration) -> datetime | None:
        """Wake a waiting timer at its deadline."""
        return state.expires_at if state.status == "waiting" else None

    def decide(self, state: Expiration, message: Message, now: datetime) -> Decision[Expiration]:
        """Answer one message; see the functions below for the rules."""
        match message:
            case OrderCreated():
                return start(state, message)
            case OrderCancelled() | OrderCompleted():
                return stop(state)
            case Wake():
                return ring(state, now)
        raise TypeError(f"a timer does not understand {type(message).__name__}")


def start(state: Expiration, event: OrderCreated) -> Decision[Expiration]:
    """A window opens once: what is over by the time the order's creation is heard of stays over."""
    if state.status != "unknown":
        return ignore(state)
    return Decision(state.next(status="waiting", expires_at=event.expires_at))


def stop(state: Expiration) -> Decision[Expiration]:
    """The order is over. Leaves a tombstone, also where its creation was never heard of."""
    if state.status in ("complete", "stopped"):
        return ignore(state)
    return Decision(state.next(status="stopped"))


def ring(state: Expiration, now: datetime) -> Decision[Expiration]:
    """Close the window once its deadline has come, and say so once."""
    if state.status != "waiting" or state.expires_at is None or now < state.expires_at:
        return ignore(state)
    return Decision(state.next(status="complete"), events=(ExpirationComplete(order_id=state.id),))
