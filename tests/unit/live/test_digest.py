"""serve_app.live.digest."""

import re

from bson import ObjectId

from serve_app.live.change import Change
from serve_app.live.digest import Digest, Interest

from .fakes import at, order, ticket

ADA, EVE = ObjectId(), ObjectId()
A, B = ObjectId(), ObjectId()
CHANGES = [
    ticket(at(1), A),
    order(at(2), ADA),
    ticket(at(3), B),
    order(at(4), EVE),
    ticket(at(5), A, version=1),
]


def ids(text: bytes) -> list[str]:
    return re.findall(r"^id: (.*)$", text.decode(), re.MULTILINE)


def told(changes: list[Change], **interest: object) -> list[str]:
    return ids(Digest(changes).messages(Interest(**interest)))  # type: ignore[arg-type]


def test_the_newest_of_each_in_the_order_of_their_positions() -> None:
    assert told(CHANGES) == [at(3), at(5)]


def test_orders_are_their_buyer_s_alone() -> None:
    assert told(CHANGES, user_id=ADA) == [at(2), at(3), at(5)]
    assert told(CHANGES, user_id=EVE) == [at(3), at(4), at(5)]
    assert told(CHANGES, user_id=ObjectId()) == [at(3), at(5)]


def test_tickets_that_are_named() -> None:
    assert told(CHANGES, tickets=frozenset([B])) == [at(3)]
    assert told(CHANGES, tickets=frozenset([B]), user_id=ADA) == [at(2), at(3)]
    assert told(CHANGES, tickets=frozenset()) == []
    assert told(CHANGES, tickets=frozenset(), user_id=EVE) == [at(4)]
    assert told(CHANGES, tickets=frozenset([ObjectId()])) == []


def test_all_who_want_all_tickets_get_the_same_bytes() -> None:
    digest = Digest(CHANGES)
    assert digest.messages(Interest()) is digest.messages(Interest(user_id=ObjectId()))


def test_nothing() -> None:
    assert Digest([]).messages(Interest(user_id=ADA)) == b""
