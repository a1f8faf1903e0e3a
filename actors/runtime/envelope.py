"""A message on its way, and its answer."""

import asyncio
from collections.abc import Sequence

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


async def wait_for_answers(answers: Sequence[Answer], patience_s: float) -> list[int]:
    """Wait until all are there, but no longer than `patience_s`; the places of those that are not."""
    pending = [answer for answer in answers if isinstance(answer, asyncio.Future) and not answer.done()]
    if pending:
        await asyncio.wait(pending, timeout=patience_s)
    return [n for n, answer in enumerate(answers) if isinstance(answer, asyncio.Future) and not answer.done()]


def reply_of(answer: Answer) -> Reply:
    """The reply, `Unanswered` if it is not there yet."""
    if not isinstance(answer, asyncio.Future):
        return answer
    return answer.result() if answer.done() else UNANSWERED
