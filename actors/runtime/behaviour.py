"""What the runtime asks of a behaviour."""

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any, Protocol

from actors.runtime.message import Decision, Message, State


class Behaviour(Protocol):
    """The rules of one service's actors. Pure: no input or output, no clock, no randomness."""

    @property
    def service(self) -> str:
        """The service, and the collection its snapshots are in."""
        ...

    @property
    def state_type(self) -> type[State]:
        """What its actors know."""
        ...

    def empty(self, key: Any) -> State:  # noqa: ANN401  each service has its own kind of key
        """The state of the actor `key` before anything was stored."""
        ...

    def due(self, state: Any) -> datetime | None:  # noqa: ANN401
        """When this actor has work for its service's task, or wants to be woken where there is none; None for never."""
        ...

    def decide(self, state: Any, message: Message, now: datetime) -> Decision[Any]:  # noqa: ANN401
        """What this message changes, publishes and answers.

        Raises:
            TypeError: the message is none of this service's.
        """
        ...


Task = Callable[[Any], Awaitable[Message | None]]
"""Work outside of turns (at Stripe, say): takes a state that is due, returns what to tell the actor, or None where
there is nothing to tell yet; may raise what then shows as trouble. Repeated until the state is not due any more."""

Chore = Callable[[], Awaitable[Any]]
"""Work on a whole partition, done at start and every few minutes; may raise. Must be repeatable."""
