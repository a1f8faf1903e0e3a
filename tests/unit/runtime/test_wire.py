"""actors.runtime.wire: what is packed in one process is the same in the next."""

from datetime import UTC, datetime

import msgspec
import pytest
from bson import ObjectId

from actors.contract import Grant, OrderReply, Refused, Reserve, SignUp, TicketHeld, TicketRecord, TicketUpdated
from actors.runtime.envelope import ACKNOWLEDGED, UNANSWERED, Envelope
from actors.runtime.message import Address, Leased, Message, OutcomeUnknown, Overloaded
from actors.runtime.wire import Call, Gift, Word, pack_call, pack_word, unpack_call, unpack_rest, unpack_word

NOON = datetime(2030, 1, 31, 12, 0, 0, 123_000, tzinfo=UTC)
ORDER, BUYER, SELLER, TICKET = ObjectId(), ObjectId(), ObjectId(), ObjectId()
RECORD = TicketRecord(id=TICKET, title="Row 1, \N{SNOWMAN}", price=1999, user_id=SELLER, version=3)
GRANT = Grant(order_id=ORDER, user_id=BUYER, hold_number=7)


def test_a_call_arrives_as_it_was_sent():
    sent = [
        Envelope(Address(service="tickets", key=TICKET), "op", Reserve(order_id=ORDER, user_id=BUYER)),
        Envelope(Address(service="orders", key=ORDER), "tickets/1/1.0", TicketUpdated(ticket=RECORD, grant=GRANT)),
        Envelope(
            Address(service="auth", key="ada@example.com"),
            "",
            SignUp(user_id=BUYER, password_hash="h"),
        ),
    ]
    call = Call(7, 4, sent, returned=2, renew=[(TICKET, 3)], refused=9)
    assert unpack_call(pack_call(call)) == call


def test_replies_arrive_as_they_were_given():
    given = [
        (0, ACKNOWLEDGED),
        (2, UNANSWERED),
        (1, Refused(code="no", message="No", order_id=ORDER)),
        (2**40, Overloaded(reason="full", retry_after_s=0.1)),
        (4, OutcomeUnknown(reason="lost")),
        (5, OrderReply(order_id=ORDER, status="created", user_id=BUYER, expires_at=NOON, version=0, ticket=RECORD)),
    ]
    assert unpack_word(pack_word(Word(given))).replies == given


def test_leases_arrive_as_they_were_given_and_taken_back():
    held = TicketHeld(code="ticket_reserved", message="Reserved", order_id=ORDER, user_id=BUYER)
    leased = Leased(refusal=held, version=4, for_s=0.75)
    word = Word(
        [(3, leased), (4, held)],
        taken_back=[TICKET, "ada@example.com"],
        renewed=[ORDER],
        given=[Gift(TICKET, Reserve, leased)],
        given_after=8,
    )
    assert unpack_word(pack_word(word)) == word


def test_nothing_travels_as_nothing():
    assert unpack_call(pack_call(Call(0, 1, []))) == Call(0, 1, [], renew=[])
    assert unpack_word(pack_word(Word([]))) == Word([], taken_back=[], given=[])


def test_a_message_of_another_version_is_refused():
    strange = ("tickets", "key", "op", {"type": "ticket:teleport"})
    packed = msgspec.msgpack.encode((5, 1, [strange, strange], 2, [("blue", 3)], 4))
    with pytest.raises(msgspec.ValidationError, match="ticket:teleport"):
        unpack_call(packed)
    numbers, rest = unpack_rest(packed)
    assert list(numbers) == [5, 6], "so that each of its messages can be answered all the same"
    assert rest == Call(5, 1, [], returned=2, renew=[("blue", 3)], refused=4), "leases know no versions of messages"


def test_what_no_message_may_hold_cannot_travel():
    class Odd(Message, frozen=True, kw_only=True, tag="odd"):
        what: object

    with pytest.raises(TypeError, match="object cannot travel"):
        pack_call(Call(0, 1, [Envelope(Address(service="tickets", key=TICKET), "op", Odd(what=object()))]))
