"""What a buyer does after each answer: every driver walks this."""

import pytest
from bson import ObjectId

from cluster.sale.buyer import Buyer
from cluster.sale.plan import Wish
from cluster.sale.steps import BAD_CARD, GOOD_CARD, Answer
from cluster.sale.visit import Move, visit

ORDER = str(ObjectId())
GRANTED = Answer(
    201,
    {
        "id": ORDER,
        "version": 0,
        "expiresAt": "2030-01-01T00:00:00.000Z",
        "ticket": {"id": str(ObjectId()), "price": 19.99},
    },
)


def moves(wish: Wish, *, repeats: bool = False, first: Answer = GRANTED) -> list[Move]:
    made = []
    for move in visit(Buyer(number=0, at_s=0, ticket=0, wish=wish, repeats=repeats, think_s=3.0, key="b"), "t"):
        made.append(move)
        move.answer = first if move.step.name == "reserve" else Answer(0)
    return made


@pytest.mark.parametrize(
    "answer", [Answer(400, {"errors": [{"code": "ticket_reserved"}]}), Answer(503), Answer(0), Answer(201)]
)
def test_without_an_order_he_goes_away(answer: Answer) -> None:
    [only] = moves("pay", repeats=True, first=answer)
    assert (only.step.body, only.key, only.order_id, only.after_s) == ({"ticketId": "t"}, "b-reserve", "", 0.0)


@pytest.mark.parametrize(
    ("wish", "path", "body"),
    [
        ("pay", "/api/payments", {"orderId": ORDER, "token": GOOD_CARD}),
        ("decline", "/api/payments", {"orderId": ORDER, "token": BAD_CARD}),
        ("cancel", f"/api/orders/{ORDER}", None),
    ],
)
def test_with_an_order_he_thinks_and_does_what_he_wishes(wish: Wish, path: str, body: object) -> None:
    _, last = moves(wish)
    assert (last.step.path, last.step.body, last.after_s, last.order_id) == (path, body, 3.0, ORDER)
    assert last.key == f"b-{last.step.name}"


def test_who_leaves_says_nothing() -> None:
    assert len(moves("abandon")) == 1


def test_who_repeats_sends_the_same_under_the_same_key_and_then_goes_on() -> None:
    first, again, last = moves("pay", repeats=True)
    assert (again.step, again.key) == (first.step, first.key)
    assert [each.is_repetition for each in (first, again, last)] == [False, True, False]


def test_a_repetition_is_good_when_it_brings_the_same_order() -> None:
    _, again, _ = moves("pay", repeats=True)
    assert again.is_good
    for other in (Answer(201, {"id": "another"}), Answer(400, {}), Answer(0)):
        again.answer = other
        assert not again.is_good


def test_a_refusal_is_good_and_a_strange_answer_is_not() -> None:
    [refused] = moves("pay", first=Answer(400, {"errors": [{"code": "ticket_reserved"}]}))
    [strange] = moves("pay", first=Answer(400, {"errors": [{"code": "bad_id"}]}))
    assert (refused.is_good, strange.is_good) == (True, False)
