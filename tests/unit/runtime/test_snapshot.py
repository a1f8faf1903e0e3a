"""An actor at rest."""

from datetime import timedelta

import pytest

from actors.runtime.message import Acknowledged, Decision
from actors.runtime.partition import slot_of
from actors.runtime.snapshot import REMEMBERED_MAX, OutboxEntry, Remembered, Snapshot, from_stored, to_stored

from .fakes import DAWN
from .toy import ANN, BOB, JARS, Changed, Count, Jar, jars

BLANK = Snapshot("blue", Jar(id="blue"))


def changed(*events: Changed, coins: int = 1) -> Snapshot:
    return BLANK.after(Decision(BLANK.state.next(coins=coins), Count(coins=coins), events), "put/1", JARS, DAWN)


def test_a_decision_makes_the_next_version() -> None:
    assert (BLANK.version, changed().version, changed().state.coins) == (-1, 0, 1)


def test_what_a_decision_publishes_enters_the_outbox() -> None:
    first, second = Changed(coins=1, to=(ANN,)), Changed(coins=2, to=(ANN, BOB))
    assert changed(first, second).outbox == (
        OutboxEntry("jars/blue/0.0", DAWN, first),
        OutboxEntry("jars/blue/0.1", DAWN, second),
    )


def test_what_is_for_nobody_does_not() -> None:
    addressed = Changed(coins=2, to=(ANN,))
    assert changed(Changed(coins=1), addressed).outbox == (OutboxEntry("jars/blue/0.1", DAWN, addressed),)


def test_the_outbox_keeps_its_order() -> None:
    first = changed(Changed(coins=1, to=(ANN,)))
    second = first.after(Decision(first.state.next(), events=(Changed(coins=2, to=(ANN,)),)), "op", JARS, DAWN)
    assert [entry.id for entry in second.outbox] == ["jars/blue/0.0", "jars/blue/1.0"]


def test_a_change_makes_exactly_one_version() -> None:
    with pytest.raises(AssertionError):
        BLANK.after(Decision(BLANK.state), "op", JARS, DAWN)


def test_the_reply_to_an_operation_is_remembered() -> None:
    assert (changed().recall("put/1"), changed().recall("put/2")) == (Count(coins=1), None)


def test_the_oldest_operation_is_forgotten_first() -> None:
    snapshot = BLANK
    for n in range(REMEMBERED_MAX + 2):
        snapshot = snapshot.after(Decision(snapshot.state.next()), f"op/{n}", JARS, DAWN)
    assert [past.op for past in snapshot.remembered] == [f"op/{n}" for n in range(2, REMEMBERED_MAX + 2)]


def test_entries_can_be_taken_out() -> None:
    snapshot = changed(Changed(coins=1, to=(ANN,)), Changed(coins=2, to=(ANN,)))
    assert [entry.id for entry in snapshot.without({"jars/blue/0.0"}).outbox] == ["jars/blue/0.1"]
    assert snapshot.without(set()) is snapshot


def test_a_snapshot_survives_its_document() -> None:
    snapshot = changed(Changed(coins=1))
    assert from_stored(to_stored(snapshot, None), jars()) == snapshot


def test_a_document_shows_where_it_belongs_and_when_it_is_due() -> None:
    due = DAWN + timedelta(seconds=5)
    document = to_stored(changed(Changed(coins=1, to=(ANN,))), due)
    assert document == {
        "_id": "blue",
        "version": 0,
        "coins": 1,
        "seen": 0,
        "slot": slot_of("blue"),
        "due": due,
        "outbox": [{"id": "jars/blue/0.0", "at": DAWN, "message": document["outbox"][0]["message"]}],
        "remembered": [{"op": "put/1", "reply": {"type": "jar:count", "coins": 1}}],
    }


def test_what_is_empty_is_not_stored() -> None:
    assert {"due", "outbox"} & set(to_stored(changed(), None)) == set()


def test_only_replies_are_remembered() -> None:
    document = to_stored(changed(), None)
    document["remembered"] = [{"op": "op", "reply": {"type": "jar:put"}}]
    with pytest.raises(AssertionError, match="jar:put"):
        from_stored(document, jars())
    document["remembered"] = [{"op": "op", "reply": {"type": "acknowledged"}}]
    assert from_stored(document, jars()).remembered == (Remembered("op", Acknowledged()),)
