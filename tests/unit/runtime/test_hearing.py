"""Replies are said one by one, as they come, for as long as patience lasts."""

import asyncio

from actors.runtime.envelope import ACKNOWLEDGED, UNANSWERED, Answer, Envelope
from actors.runtime.hearing import hand_over
from actors.runtime.message import OutcomeUnknown, Reply

from .fakes import envelope, now_s, virtually
from .toy import Put


class Actors:
    """Answers each operation as scripted, and notes what is said when."""

    def __init__(self, **answers: Answer | Exception) -> None:
        self.answers = answers
        self.said: list[tuple[float, str, Reply]] = []

    def accept(self, message: Envelope) -> Answer:
        answer = self.answers[message.op]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def hand_over(self) -> None:
        ops = list(self.answers)
        envelopes = [envelope(Put(), op) for op in ops]
        hand_over(envelopes, self.accept, 1.0, lambda n, reply: self.said.append((now_s(), ops[n], reply)))


def later(delay_s: float, reply: Reply | Exception) -> asyncio.Future[Reply]:
    loop = asyncio.get_running_loop()
    future: asyncio.Future[Reply] = loop.create_future()
    settle = future.set_exception if isinstance(reply, Exception) else future.set_result
    loop.call_later(delay_s, settle, reply)
    return future


@virtually
async def test_nobody_waits_for_anybody() -> None:
    actors = Actors(slow=later(0.5, ACKNOWLEDGED), refused=ACKNOWLEDGED, quick=later(0.1, ACKNOWLEDGED))
    actors.hand_over()
    await asyncio.sleep(2)
    assert actors.said == [(0.0, "refused", ACKNOWLEDGED), (0.1, "quick", ACKNOWLEDGED), (0.5, "slow", ACKNOWLEDGED)]


@virtually
async def test_patience_ends_for_those_alone_who_are_late_and_cancels_nothing() -> None:
    late = later(3, ACKNOWLEDGED)
    actors = Actors(late=late, quick=later(0.1, ACKNOWLEDGED))
    actors.hand_over()
    assert await late == ACKNOWLEDGED
    assert actors.said == [(0.1, "quick", ACKNOWLEDGED), (1.0, "late", UNANSWERED)]


@virtually
async def test_a_defect_costs_its_own_message_alone() -> None:
    stopped = asyncio.get_running_loop().create_future()
    actors = Actors(
        bad=LookupError("no such thing"), worse=later(0.1, ValueError("odd")), stopped=stopped, good=ACKNOWLEDGED
    )
    actors.hand_over()
    stopped.cancel()
    await asyncio.sleep(2)
    assert {op: reply for _, op, reply in actors.said} == {
        "bad": OutcomeUnknown(reason="LookupError: no such thing"),
        "worse": OutcomeUnknown(reason="ValueError: odd"),
        "stopped": OutcomeUnknown(reason="the work on it was stopped"),
        "good": ACKNOWLEDGED,
    }
