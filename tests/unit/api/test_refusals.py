"""serve_app.refusals and answers: every code has one status and one shape."""

import pytest
from bson import ObjectId
from msgspec.structs import replace

from actors import contract
from actors.contract import Refused
from serve_app import refusals
from serve_app.answers import errors_of, refuse_with
from serve_app.refusals import STATUS, ApiError

ALL = {value for module in (contract, refusals) for value in vars(module).values() if isinstance(value, Refused)}


@pytest.mark.parametrize("refusal", sorted(ALL, key=lambda each: each.message), ids=lambda each: each.code)
def test_every_refusal_has_a_status_and_a_sentence(refusal: Refused) -> None:
    assert refusal.code in STATUS
    assert refusal.message[0].isupper()
    assert not refusal.message.endswith(".")


def test_no_status_is_left_over() -> None:
    assert {refusal.code for refusal in ALL} == STATUS.keys()


def test_a_code_nobody_knows_is_a_defect_of_ours() -> None:
    assert ApiError(Refused(code="new", message="New")).status == 500


def test_the_shape_of_a_refusal() -> None:
    order_id = ObjectId()
    reserved = replace(contract.TICKET_RESERVED, order_id=order_id)
    assert errors_of(reserved, refusals.INVALID_PRICE) == {
        "errors": [
            {"message": reserved.message, "code": "ticket_reserved", "orderId": str(order_id)},
            {"message": refusals.INVALID_PRICE.message, "code": "invalid_price", "field": "price"},
        ]
    }


@pytest.mark.parametrize(("given", "header"), [(None, "1"), (0.1, "1"), (2.5, "3")])
def test_503_says_when_to_try_again(given: float | None, header: str) -> None:
    answer = refuse_with(ApiError(refusals.OVERLOADED, retry_after_s=given))
    assert (answer.status, answer.headers) == (503, {"Cache-Control": "no-store", "Retry-After": header})


def test_other_refusals_do_not() -> None:
    assert refuse_with(ApiError(refusals.NOT_FOUND)).headers == {"Cache-Control": "no-store"}
