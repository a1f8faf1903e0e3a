"""actors.runtime.wire: what is packed in one process is the same in the next."""

from datetime import UTC, datetime

import msgspec
import pytest
from bson import ObjectId

from actors.contract import Grant, OrderReply, Refused, Reserve, SignUp, TicketRecord, TicketUpdated
from actors.runtime.envelope import ACKNOWLEDGED, UNANSWERED, Envelope
from actors.runtime.message import Address, Message, OutcomeUnknown, Overloaded
from actors.runtime.wire import pack, pack_replies, unpack, unpack_replies

NOON = datetime(2030, 1, 31, 12, 0, 0, 123_000, tzinfo=UTC)
ORDER, BUYER, SELLER, TICKET = ObjectId(), ObjectId(), ObjectId(), ObjectId()
RECORD = TicketRecord(id=TICKET, title="Row 1, \N{SNOWMAN}", price=1999, user_id=SELLER, version=3)
GRANT = Grant(order_id=ORDER, user_id=BUYER, hold_number=7)


def test_envelopes_arrive_as_they_were_sent():
    sent = [
        Envelope(Address(service="tickets", key=TICKET), "op", Reserve(order_id=ORDER, user_id=BUYER)),
        Envelope(Address(service="orders", key=ORDER), "tickets/1/1.0", TicketUpdated(ticket=RECORD, grant=GRANT)),
        Envelope(
            Address(service="auth", key="ada@example.com"),
            "",
            SignUp(user_id=BUYER, password_hash="h"),
        ),
    ]
    assert unpack(pack(sent)) == sent


def test_replies_arrive_as_they_were_given():
    given = [
        ACKNOWLEDGED,
        UNANSWERED,
        Refused(code="no", message="No", order_id=ORDER),
        Overloaded(reason="full", retry_after_s=0.1),
        OutcomeUnknown(reason="lost"),
        OrderReply(order_id=ORDER, status="created", user_id=BUYER, expires_at=NOON, version=0, ticket=RECORD),
    ]
    assert unpack_replies(pack_replies(given)) == given


def test_nothing_travels_as_nothing():
    assert unpack(pack([])) == []
    assert unpack_replies(pack_replies([])) == []


def test_a_message_of_another_version_is_refused():
    packed = msgspec.msgpack.encode([("tickets", "key", "op", {"type": "ticket:teleport"})])
    with pytest.raises(msgspec.ValidationError, match="ticket:teleport"):
        unpack(packed)


def test_what_no_message_may_hold_cannot_travel():
    class Odd(Message, frozen=True, kw_only=True, tag="odd"):
        what: object

    with pytest.raises(TypeError, match="object cannot travel"):
        pack([Envelope(Address(service="tickets", key=TICKET), "op", Odd(what=object()))])
