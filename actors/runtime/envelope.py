"""A message on its way, and its answer."""

import asyncio

from msgspec import Struct

from actors.runtime.message import (
    Acknowledged,
    Address,
    Message,
    OutcomeUnknown,
    Overloaded,
    Reply,
    Unanswered,
)


class Envelope(Struct, frozen=True, gc=False):
    """A message, whom it is for, and the operation id under which it may be repeated at will."""

    to: Address
    op: str
    message: Message


def is_final(reply: Reply) -> bool:
    """Whether a reply tells the outcome; if not, the envelope is to be sent again."""
    return not isinstance(reply, Unanswered | Overloaded | OutcomeUnknown)


ACKNOWLEDGED = Acknowledged()
UNANSWERED = Unanswered()

Answer = Reply | asyncio.Future[Reply]
"""A reply, now or later. The future may be shared with others who repeat the same operation: never cancel it."""
