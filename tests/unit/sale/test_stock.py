"""Putting the tickets of a sale on sale."""

from typing import Any

import pytest
from bson import ObjectId

from cluster.local.errors import ProofError
from cluster.sale.passes import Pass
from cluster.sale.steps import Answer, Step
from cluster.sale.stock import lots, new_name, put_on_sale

SELLER = Pass(ObjectId(), "token")


def test_a_sale_is_known_by_the_titles_of_its_tickets() -> None:
    name, other = new_name(), new_name()
    listings = lots(name, 2, seed=1)
    assert [step.body and step.body["title"] for step, _ in listings] == [f"{name}, seat 1", f"{name}, seat 2"]
    assert len({key for _, key in listings + lots(other, 2, seed=1)}) == 4


@pytest.mark.parametrize(
    ("answer", "words"), [(Answer(503), r"could not be listed at http://shop \(503\)"), (Answer(201), "does not name")]
)
async def test_a_ticket_that_was_not_listed_ends_the_sale(answer: Answer, words: str) -> None:
    class Closed:
        url = "http://shop"

        async def ask(self, step: Step, session: str, key: str) -> Answer:
            return answer

    shop: Any = Closed()
    with pytest.raises(ProofError, match=words):
        await put_on_sale(shop, [SELLER], new_name(), 2, seed=1)
