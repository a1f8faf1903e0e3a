"""Records to documents and back."""

from datetime import UTC, datetime

import msgspec
import pytest
from bson import ObjectId

from actors.runtime.codec import from_document, message_class, message_from_document, to_document
from actors.runtime.message import Record

from .toy import ANN, Changed, Jar, Put


class Line(Record, frozen=True, kw_only=True):
    line_id: ObjectId
    written_at: datetime | None = None
    note: str | None = None


class Page(Record, frozen=True, kw_only=True):
    first: Line


class Book(Record, frozen=True, kw_only=True):
    lines: tuple[Line, ...]


AN_ID, A_MOMENT = ObjectId("65f0c0ffee00000000000001"), datetime(2030, 1, 1, 12, 0, 0, 5000, tzinfo=UTC)


def test_fields_are_stored_in_camel_case_and_none_is_left_out() -> None:
    assert to_document(Line(line_id=AN_ID, written_at=A_MOMENT)) == {"lineId": AN_ID, "writtenAt": A_MOMENT}


def test_renamed_fields_keep_their_stored_name() -> None:
    assert to_document(Jar(id="blue", version=3)) == {"_id": "blue", "version": 3, "coins": 0, "seen": 0}


def test_messages_carry_their_tag() -> None:
    assert to_document(Put(coins=2)) == {"type": "jar:put", "coins": 2, "tell": []}


def test_documents_become_records() -> None:
    assert from_document({"lineId": AN_ID, "note": "x"}, Line) == Line(line_id=AN_ID, note="x")


def test_unknown_names_are_passed_over() -> None:
    assert from_document({"_id": "blue", "coins": 1, "slot": 7}, Jar) == Jar(id="blue", coins=1)


@pytest.mark.parametrize("document", [{}, {"lineId": AN_ID, "note": 5}])
def test_what_is_missing_or_of_another_type_is_refused(document: dict) -> None:
    with pytest.raises(msgspec.ValidationError):
        from_document(document, Line)


def test_messages_come_back_as_what_they_were() -> None:
    message = Changed(coins=1)
    assert message_from_document(to_document(message)) == message


def test_nested_records_are_documents() -> None:
    page = Page(first=Line(line_id=AN_ID))
    assert to_document(page) == {"first": {"lineId": AN_ID}}
    assert from_document({"first": {"lineId": AN_ID}}, Page) == page


def test_records_in_a_sequence_are_documents_too() -> None:
    assert to_document(Book(lines=(Line(line_id=AN_ID),))) == {"lines": [{"lineId": AN_ID}]}


def test_lists_come_back_as_tuples() -> None:
    assert message_from_document({"type": "jar:changed", "coins": 1, "to": [ANN]}) == Changed(coins=1, to=(ANN,))


def test_a_tag_finds_its_class() -> None:
    assert message_class("jar:changed") is Changed


def test_an_unknown_tag_is_named() -> None:
    with pytest.raises(LookupError, match="jar:unheard-of"):
        message_class("jar:unheard-of")
