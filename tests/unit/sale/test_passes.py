"""Signing a crowd up where nobody's key is known."""

from typing import Any

import pytest
from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.passes import ADDRESSES_MAX, demand_known, made, signed_up
from cluster.sale.steps import Answer, Step

IN_USE = Answer(400, {"errors": [{"message": "Email in use", "field": "email", "code": "email_in_use"}]})
CLOSED = Answer(503)


class FakeShop:
    """Gives its answers one after the other, the last one for ever; remembers the addresses it saw."""

    url = "http://shop"

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)
        self.addresses: list[str] = []

    async def ask(self, step: Step, _session: str = "") -> Answer:
        if step.body is not None:
            self.addresses.append(step.body["email"])
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


async def sign_up(shop: FakeShop) -> ObjectId:
    fake: Any = shop
    [somebody] = await signed_up(1, fake)
    assert somebody.session == "token"
    return somebody.user_id


async def test_whose_answer_was_lost_comes_under_another_address() -> None:
    # Given a sign-up whose answer was lost, so that the same one, repeated, is refused,
    user_id = ObjectId()
    shop = FakeShop(IN_USE, Answer(201, {"id": str(user_id)}, "token"))
    # then he signs up again as somebody new.
    assert await sign_up(shop) == user_id
    assert len(set(shop.addresses)) == 2


@pytest.mark.parametrize(("refusal", "tries"), [(CLOSED, 1), (IN_USE, ADDRESSES_MAX)])
async def test_a_marketplace_that_signs_nobody_up_is_named(refusal: Answer, tries: int) -> None:
    shop = FakeShop(refusal)
    with pytest.raises(ProofError, match=rf"http://shop \({refusal.status}\)"):
        await sign_up(shop)
    assert len(shop.addresses) == tries


async def test_a_sign_up_that_names_nobody_is_no_account() -> None:
    with pytest.raises(ProofError, match="http://shop answers with 201 and does not name what was made"):
        await sign_up(FakeShop(Answer(201, {}, "token")))


async def test_a_session_that_the_marketplace_does_not_know_is_no_pass() -> None:
    [somebody] = made(1, "k" * 64)
    known: Any = FakeShop(Answer(200, {"currentUser": {"id": str(somebody.user_id)}}))
    await demand_known(somebody, known)
    stranger: Any = FakeShop(Answer(200, {"currentUser": None}))
    with pytest.raises(ProofError, match="does not know a session") as caught:
        await demand_known(somebody, stranger)
    assert "JWT_KEY" in caught.value.advice
    for answer in (CLOSED, Answer(200)):
        silent: Any = FakeShop(answer)
        with pytest.raises(ProofError, match=rf"does not say who is asking \({answer.status}\)"):
            await demand_known(somebody, silent)
