"""What answers mean."""

import pytest

from cluster.sale.steps import Answer, Step, cancel, outcome, pay, reserve, sell

RESERVED = {"errors": [{"code": "ticket_reserved", "message": "taken"}]}
GRANTED = {
    "id": "a" * 24,
    "version": 0,
    "expiresAt": "2030-01-01T00:00:00.000Z",
    "ticket": {"id": "b" * 24, "price": 20},
}
OVER = {"errors": [{"code": "order_cancelled", "message": "too late"}]}


@pytest.mark.parametrize(
    ("step", "status", "body", "expected"),
    [
        (reserve("t"), 201, GRANTED, "reserved"),
        (reserve("t"), 201, {}, "failed"),
        (reserve("t"), 201, GRANTED | {"expiresAt": None}, "failed"),
        (reserve("t"), 400, RESERVED, "refused"),
        (reserve("t"), 400, {"errors": [{"code": "bad_id"}]}, "failed"),
        *((reserve("t"), 400, {"errors": errors}, "failed") for errors in (["nope"], [None], [], "nope", {"code": 1})),
        (reserve("t"), 401, {}, "failed"),
        (reserve("t"), 0, {}, "failed"),
        (pay("o", "tok_visa"), 201, {}, "paid"),
        (pay("o", "tok_visa"), 402, {}, "declined"),
        (pay("o", "tok_visa"), 400, OVER, "late"),
        (pay("o", "tok_visa"), 503, {}, "failed"),
        (cancel("o"), 204, {}, "cancelled"),
        (cancel("o"), 400, {}, "failed"),
    ],
)
def test_a_refusal_is_no_failure_and_no_sale(step: Step, status: int, body: dict[str, object], expected: str) -> None:
    assert outcome(step, Answer(status, body)) == expected


def test_only_answers_that_tell_nothing_are_repeated() -> None:
    assert [Answer(status).tells_nothing for status in (201, 400, 302, 429, 500, 503, 0)] == [False] * 3 + [True] * 4


def test_a_price_is_told_in_dollars() -> None:
    assert sell("seat", 1999).body == {"title": "seat", "price": 19.99}
