"""serve_app.live.position, change and events."""

import json

import pytest
from bson import ObjectId, Timestamp

from serve_app import views
from serve_app.live import events
from serve_app.live.position import earlier, is_moment, is_position, position_at, time_of

from .fakes import at, order, ticket

TOKEN = (
    "826921FD7A000000012B042C0100296E5A1004A4A1F2E7B5C84A6F9D7A31E0B2C4D6F8463C6F7065726174696F6E54797065003C"
    "696E736572740046646F63756D656E744B65790046645F696400646921FD7A2F0C3E5D8B9A7C61000004"
)


@pytest.mark.parametrize(
    "text", ["", "1", "82", TOKEN.lower(), TOKEN + " ", "92" + TOKEN[2:], "8" * 5_000, "82GG21FD7A00000001", "82\n"]
)
def test_what_is_no_position(text: str) -> None:
    assert not is_position(text)


def test_a_token_is_a_position_with_a_time() -> None:
    assert is_position(TOKEN)
    assert time_of(TOKEN) == Timestamp(0x6921FD7A, 1)
    assert not is_moment(TOKEN)


def test_a_moment_is_before_all_its_changes_and_behind_all_earlier_ones() -> None:
    moment = position_at(Timestamp(0x6921FD7A, 1))
    assert is_position(moment)
    assert is_moment(moment)
    assert earlier(TOKEN, 0) < moment < TOKEN < position_at(Timestamp(0x6921FD7A, 2))
    assert time_of(earlier(TOKEN, 60)) == Timestamp(0x6921FD7A - 60, 0)
    assert earlier(position_at(Timestamp(5, 5)), 60) == position_at(Timestamp(0, 0))


HOLDER = ObjectId()


@pytest.mark.parametrize(
    ("hold", "more", "shown"),
    [(None, {}, {"state": "available"}),
     (HOLDER, {}, {"state": "reserved", "orderId": str(HOLDER)}),
     (HOLDER, {"sold": True}, {"state": "sold", "orderId": str(HOLDER)})],
)  # fmt: skip
def test_a_ticket_as_it_is_told(hold: ObjectId | None, more: dict[str, bool], shown: dict[str, str]) -> None:
    change = ticket(at(1), version=3, hold=hold, **more)
    head, name, data, *rest = change.message.decode().split("\n")
    assert (head, name, rest) == (f"id: {at(1)}", "event: ticket", ["", ""])
    expected = {"id": str(change.key), "title": "Seat", "price": 19.99, "version": 3, **shown}
    assert json.loads(data.removeprefix("data: ")) == expected


def test_an_order_as_it_is_told_is_the_api_s() -> None:
    change = order(at(1))
    assert f"event: order\ndata: {json.dumps(views.order(change.document), separators=(',', ':'))}\n\n" in (
        change.message.decode()
    )


def test_a_message_is_made_once() -> None:
    change = ticket(at(1))
    assert change.message is change.message


def test_text_with_line_breaks_stays_one_line() -> None:
    assert ticket(at(1), title="a\nb\r\u2028c").message.count(b"\n") == 4


def test_the_other_events() -> None:
    assert events.hello("82A", "noon", 700) == b'retry: 700\nid: 82A\nevent: hello\ndata: {"now":"noon"}\n\n'
    assert events.reset("82A") == b"id: 82A\nevent: reset\ndata: {}\n\n"
    assert events.heartbeat("82A") == b"id: 82A\nevent: beat\ndata: {}\n\n"
