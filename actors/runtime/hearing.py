"""Handing messages over, and saying their replies one by one as they come, for as long as patience lasts."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from functools import partial

from actors.runtime.envelope import UNANSWERED, Answer, Envelope
from actors.runtime.message import OutcomeUnknown, Reply

Accept = Callable[[Envelope], Answer]
"""Takes one message."""

Say = Callable[[int, Reply], None]
"""Hears the reply to the n-th of some messages, from 0."""


def hand_over(envelopes: Sequence[Envelope], accept: Accept, patience_s: float, say: Say) -> None:
    """Let `accept` take each message; `say` each reply once, as soon as it is there, or `Unanswered` in the end."""
    later = {}
    for n, envelope in enumerate(envelopes):
        try:
            answer = accept(envelope)
        except Exception as defect:  # noqa: BLE001  one bad message must not cost those that came with it their replies
            answer = OutcomeUnknown.after(defect)
        if isinstance(answer, asyncio.Future):
            later[n] = answer
        else:
            say(n, answer)
    if later:
        _hear(later, patience_s, say)


def _hear(answers: Mapping[int, asyncio.Future[Reply]], patience_s: float, say: Say) -> None:
    """Wait for all; the futures may be shared with others, so they are neither cancelled nor changed."""
    waiting = dict(answers)

    def answered(n: int, answer: asyncio.Future[Reply]) -> None:
        if waiting.pop(n, None) is None:
            return
        if not waiting:
            end.cancel()
        say(n, _reply_of(answer))

    def give_up() -> None:
        late = list(waiting)
        waiting.clear()
        for n in late:
            say(n, UNANSWERED)

    end = asyncio.get_running_loop().call_later(patience_s, give_up)
    for n, answer in answers.items():
        answer.add_done_callback(partial(answered, n))


def _reply_of(answer: asyncio.Future[Reply]) -> Reply:
    if answer.cancelled():
        return OutcomeUnknown(reason="the work on it was stopped")
    defect = answer.exception()
    return answer.result() if defect is None else OutcomeUnknown.after(defect)
