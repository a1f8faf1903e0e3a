"""Asking from outside: one operation, repeated until its outcome is known."""

import pytest

from actors.runtime.caller import Caller
from actors.runtime.message import OutcomeUnknown, Overloaded, Refused, Reply, Unanswered

from .fakes import FakeTransport, now_s, virtually
from .toy import EMPTY, HERE, Count, Take

UNKNOWN, FULL, LATER = OutcomeUnknown(reason="lost"), Overloaded(reason="full"), Unanswered()


async def ask(transport: FakeTransport, timeout_s: float = 10.0) -> Reply:
    return await Caller(transport).ask(HERE, Take(), "op", timeout_s)


@virtually
@pytest.mark.parametrize("reply", [Count(coins=1), EMPTY])
async def test_a_final_reply_is_the_answer(reply: Count | Refused) -> None:
    transport = FakeTransport(reply)
    assert await ask(transport) == reply
    assert transport.sent == [(0.0, "op to jars/blue")]


@virtually
async def test_an_unknown_outcome_is_asked_for_again_with_backoff() -> None:
    transport = FakeTransport(*[UNKNOWN] * 7, Count(coins=1))
    assert await ask(transport) == Count(coins=1)
    assert [at for at, _ in transport.sent] == [0.0, 0.02, 0.06, 0.14, 0.3, 0.62, 1.12, 1.62]
    assert {what for _, what in transport.sent} == {"op to jars/blue"}


@virtually
async def test_unanswered_is_asked_again_at_once() -> None:
    transport = FakeTransport(LATER, LATER, Count(coins=1), takes_s=0.25)
    assert await ask(transport) == Count(coins=1)
    assert [at for at, _ in transport.sent] == [0.0, 0.25, 0.5]


@virtually
async def test_a_message_that_was_not_taken_is_the_askers_to_repeat() -> None:
    transport = FakeTransport(FULL)
    assert await ask(transport) == FULL
    assert len(transport.sent) == 1


@virtually
@pytest.mark.parametrize("before", [UNKNOWN, LATER])
async def test_what_may_have_been_taken_is_not_undone_by_a_refusal_to_take_it_again(before: Reply) -> None:
    transport = FakeTransport(before, FULL, Count(coins=1))
    assert await ask(transport) == Count(coins=1)


@virtually
async def test_time_runs_out_while_the_message_is_under_way() -> None:
    assert await ask(FakeTransport(takes_s=3.0), 1.0) == OutcomeUnknown(reason="no answer within 1 s")
    assert now_s() == 1.0


@virtually
async def test_time_runs_out() -> None:
    assert await ask(FakeTransport(*[UNKNOWN] * 99), 2.0) == UNKNOWN
    assert now_s() == 2.12


@virtually
async def test_without_any_answer_it_says_how_long_it_waited() -> None:
    reply = await ask(FakeTransport(*[LATER] * 99, takes_s=0.5), 1.0)
    assert reply == OutcomeUnknown(reason="no answer within 1 s")
