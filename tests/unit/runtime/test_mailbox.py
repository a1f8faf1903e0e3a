"""One message at a time, bounded, and a repeated operation joins the one under way."""

import pytest

from actors.runtime import mailbox as module
from actors.runtime.envelope import UNANSWERED
from actors.runtime.mailbox import Mailbox
from actors.runtime.message import Overloaded

from .fakes import envelope, virtually
from .toy import Count, HasCoins, Put

ONE, TWO, QUESTION = envelope(Put(), "one"), envelope(Put(), "two"), envelope(HasCoins(at_least=1), "question")


@virtually
async def test_first_in_first_out() -> None:
    box = Mailbox()
    box.put(ONE)
    box.put(TWO)
    assert (len(box), box.take(), box.take(), box.take(), len(box)) == (2, ONE, TWO, None, 0)


@virtually
async def test_an_answer_reaches_who_asked() -> None:
    box = Mailbox()
    answer = box.put(ONE)
    box.take()
    assert box.unanswered == 1
    box.answer("one", Count(coins=1))
    assert (await answer, box.unanswered) == (Count(coins=1), 0)


@virtually
async def test_a_repeated_operation_joins_the_one_under_way() -> None:
    box = Mailbox()
    answer = box.put(ONE)
    assert box.joined("one") is answer
    box.answer("one", Count(coins=1))
    assert box.joined("one") is None


@virtually
async def test_it_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAILBOX_MAX", 1)
    box = Mailbox()
    box.put(ONE)
    refused = box.put(TWO)
    assert isinstance(refused, Overloaded)
    assert (len(box), box.joined("two")) == (1, None)


@virtually
async def test_whoever_waits_may_vanish() -> None:
    box = Mailbox()
    box.put(ONE).cancel()
    box.answer("one", Count(coins=1))
    box.answer("never asked", Count(coins=1))
    assert box.unanswered == 0


@virtually
async def test_held_questions_go_first_when_the_state_has_changed() -> None:
    box = Mailbox()
    box.put(QUESTION)
    box.put(ONE)
    box.hold(box.take())
    assert box.take() is ONE
    box.put(TWO)
    box.ask_again()
    assert [box.take(), box.take(), box.take()] == [QUESTION, TWO, None]


@virtually
async def test_impatience_ends_a_held_question_and_no_other() -> None:
    box = Mailbox()
    question, one = box.put(QUESTION), box.put(ONE)
    box.hold(box.take())
    for op in ("question", "one"):
        box.let_go(op)
    assert question.result() == UNANSWERED
    assert (one.done(), len(box)) == (False, 1)
    box.ask_again()
    assert len(box) == 1


@virtually
async def test_a_question_is_not_held_for_an_asker_who_has_gone() -> None:
    box = Mailbox()
    question = box.put(QUESTION)
    envelope = box.take()
    box.let_go("question")
    assert question.done() is False
    box.hold(envelope)
    assert (question.result(), box.unanswered) == (UNANSWERED, 0)


@virtually
async def test_who_asks_again_waits_again() -> None:
    box = Mailbox()
    question = box.put(QUESTION)
    envelope = box.take()
    box.let_go("question")
    assert box.joined("question") is question
    box.hold(envelope)
    assert (question.done(), box.unanswered) == (False, 1)


@virtually
async def test_what_nobody_waits_for_any_more_is_not_begun() -> None:
    box = Mailbox()
    one, two = box.put(ONE), box.put(TWO)
    box.let_go("one")
    assert (box.take(), box.take()) == (TWO, None)
    assert (one.result(), two.done()) == (UNANSWERED, False)
    assert box.joined("one") is None, "asked again, it begins anew"
