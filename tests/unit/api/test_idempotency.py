"""serve_app.operation, ledger, idempotency and errands: a keyed request happens once."""

import asyncio
from datetime import timedelta
from typing import Any, cast

import httpx
import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect, DuplicateKeyError

from actors.contract import CancelOrder, CreateTicket, OutcomeUnknown, Overloaded, Refused, Reply, Reserve
from actors.runtime.envelope import Envelope
from serve_app import indexes
from serve_app.answers import Answer
from serve_app.body import canonical
from serve_app.errands import Errands
from serve_app.ledger import Ledger
from serve_app.operation import derived, fresh
from serve_app.refusals import (
    INVALID_KEY,
    KEY_REUSED,
    OUTCOME_UNKNOWN,
    SEVERAL_KEYS,
    UNKNOWN_WITHOUT_KEY,
    ApiError,
)
from tests.unit.api.fakes import NOON, FakeOffice, until

ADA, EVE = ObjectId(), ObjectId()
SEAT = {"title": "Seat", "price": 20.5}


def keyed(key: str = "k") -> dict[str, str]:
    return {"Idempotency-Key": key}


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


def records(office: FakeOffice) -> list[dict[str, Any]]:
    return list(office.database["idempotency"].documents.values())


async def tickets(office: FakeOffice, count: int) -> list[str]:
    async with office.client(ADA) as ada:
        return [(await ada.post("/api/tickets", json=SEAT)).json()["id"] for _ in range(count)]


def test_names_are_derived_from_user_key_and_request() -> None:
    one = derived(ADA, "k", "POST /api/orders", "{}")
    assert one == derived(ADA, "k", "POST /api/orders", "{}")
    others = [
        derived(EVE, "k", "POST /api/orders", "{}"),
        derived(ADA, "l", "POST /api/orders", "{}"),
        derived(ADA, "k", "POST /api/tickets", "{}"),
        derived(ADA, "k", "POST /api/orders", '{"a":1}'),
    ]
    assert len({each.op for each in [one, *others]}) == len({each.new_id for each in [one, *others]}) == 5
    assert [each.key == one.key for each in others] == [False, False, True, True]
    assert fresh() != fresh()


def test_a_body_has_one_fingerprint_however_it_is_written() -> None:
    assert canonical({"a": 1, "b": ["ü", None]}) == canonical({"b": ["ü", None], "a": 1})
    assert canonical({"a": 1}) != canonical({"a": 2})
    assert canonical({"a": "\ud800"}) == '{"a":"\\ud800"}'


async def test_a_claim_is_made_first_and_finished_on_success() -> None:
    office = FakeOffice()
    seen: list[dict[str, Any]] = []

    async def watched(envelope: Envelope) -> Reply:
        seen.extend(dict(each) for each in records(office))
        return office.actors.turn(envelope)

    office.actors.script[CreateTicket] = watched
    async with office.client(ADA) as ada:
        first = await ada.post("/api/tickets", json=SEAT, headers=keyed())
        again = await ada.post("/api/tickets", json=SEAT, headers=keyed())

    assert [each.get("status") for each in seen] == [None]
    assert [(each["status"], each["body"], each["createdAt"]) for each in records(office)] == [
        (201, first.content, NOON)
    ]
    assert (again.status_code, again.content, again.headers["idempotent-replayed"]) == (201, first.content, "true")
    assert "idempotent-replayed" not in first.headers
    assert len(office.database["tickets"].documents) == 1


async def test_another_request_under_the_key_is_refused() -> None:
    office = FakeOffice()
    (ticket_id,) = await tickets(office, 1)
    async with office.client(ADA) as ada:
        await ada.post("/api/tickets", json=SEAT, headers=keyed())
        for method, path, body in (
            ("POST", "/api/tickets", {**SEAT, "price": 1}),
            ("PUT", f"/api/tickets/{ticket_id}", SEAT),
            ("POST", "/api/orders", {"ticketId": ticket_id}),
        ):
            assert code(await ada.request(method, path, json=body, headers=keyed())) == (400, KEY_REUSED.code)
        assert code(await ada.delete(f"/api/orders/{ticket_id}", headers=keyed())) == (400, KEY_REUSED.code)


async def test_a_refusal_leaves_no_claim() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada:
        path = f"/api/tickets/{ObjectId()}"
        assert code(await ada.put(path, json=SEAT, headers=keyed())) == (404, "ticket_not_found")
        office.actors.answer(CreateTicket, Overloaded(reason="full"))
        assert code(await ada.post("/api/tickets", json=SEAT, headers=keyed())) == (503, "overloaded")
    assert records(office) == []


async def test_a_refused_order_writes_nothing_at_all() -> None:
    office = FakeOffice()
    (ticket_id,) = await tickets(office, 1)
    async with office.client(ADA) as ada, office.client(EVE) as eve:
        await ada.post("/api/orders", json={"ticketId": ticket_id})
        answer = await eve.post("/api/orders", json={"ticketId": ticket_id}, headers=keyed())
    assert code(answer) == (400, "ticket_reserved")
    assert office.database["idempotency"].calls == ["find_one"]


async def test_an_unknown_outcome_keeps_the_claim_for_the_same_request() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada:
        office.actors.answer(CreateTicket, OutcomeUnknown(reason="lost"))
        assert code(await ada.post("/api/tickets", json=SEAT, headers=keyed())) == (503, "outcome_unknown")
        del office.actors.script[CreateTicket]

        other = await ada.post("/api/tickets", json={**SEAT, "price": 1}, headers=keyed())
        same = await ada.post("/api/tickets", json=SEAT, headers=keyed())

    assert code(other) == (400, KEY_REUSED.code)
    assert same.status_code == 201
    assert [each["status"] for each in records(office)] == [201]


async def test_an_unfinished_claim_keeps_others_away_for_a_minute_only() -> None:
    office = FakeOffice()
    other = {**SEAT, "price": 1}
    async with office.client(ADA) as ada:
        office.actors.answer(CreateTicket, OutcomeUnknown(reason="lost"))
        await ada.post("/api/tickets", json=SEAT, headers=keyed())
        del office.actors.script[CreateTicket]
        office.clock.advance(seconds=60)
        assert code(await ada.post("/api/tickets", json=other, headers=keyed())) == (400, KEY_REUSED.code)
        office.clock.advance(seconds=1)
        assert (await ada.post("/api/tickets", json=other, headers=keyed())).status_code == 201
        assert code(await ada.post("/api/tickets", json=SEAT, headers=keyed())) == (400, KEY_REUSED.code)


async def test_a_claim_that_another_request_took_over_does_not_change_the_truth() -> None:
    office = FakeOffice()
    (ticket_id,) = await tickets(office, 1)

    async def slow(envelope: Envelope) -> Reply:
        del office.actors.script[CreateTicket]
        office.clock.advance(seconds=61)
        order = await ada.post("/api/orders", json={"ticketId": ticket_id}, headers=keyed())
        assert order.status_code == 201
        return office.actors.turn(envelope)

    office.actors.script[CreateTicket] = slow
    async with office.client(ADA) as ada:
        assert (await ada.post("/api/tickets", json=SEAT, headers=keyed())).status_code == 201


async def test_a_key_that_changes_hands_all_the_time_is_given_up() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada:
        with office.broken(DuplicateKeyError("taken"), "insert_one"):
            assert code(await ada.post("/api/tickets", json=SEAT, headers=keyed())) == (503, "overloaded")
    assert office.actors.sent == []


async def test_an_abandoned_claim_is_continued_by_claiming_it_anew() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada:
        office.actors.answer(CreateTicket, OutcomeUnknown(reason="lost"))
        await ada.post("/api/tickets", json=SEAT, headers=keyed())
        office.clock.advance(seconds=61)

        async def meanwhile(envelope: Envelope) -> Reply:
            other = await ada.post("/api/tickets", json={**SEAT, "price": 1}, headers=keyed())
            assert code(other) == (400, KEY_REUSED.code)
            return office.actors.turn(envelope)

        office.actors.script[CreateTicket] = meanwhile
        assert (await ada.post("/api/tickets", json=SEAT, headers=keyed())).status_code == 201
    assert len({each.op for each in office.actors.sent}) == 1
    assert len(office.database["tickets"].documents) == 1


async def test_of_two_who_finish_a_claim_the_first_counts() -> None:
    office = FakeOffice()
    ledger = Ledger(cast("Any", office.database), office.clock)
    claim = ledger.entry(derived(ADA, "k", "POST /api/tickets", "{}"))
    await ledger.put(claim)
    assert await ledger.finish(claim, Answer(201, b"first")) is None
    other = await ledger.finish(claim, Answer(201, b"second"))
    assert other is not None
    assert (other.status, other.body) == (201, b"first")


async def test_an_answer_whose_claim_was_withdrawn_is_recorded_all_the_same() -> None:
    office = FakeOffice()
    ledger = Ledger(cast("Any", office.database), office.clock)
    claim = ledger.entry(derived(ADA, "k", "POST /api/tickets", "{}"))
    await ledger.put(claim)
    await ledger.withdraw(claim)
    assert await ledger.finish(claim, Answer(201, b"done")) is None
    assert [(each["status"], each["body"]) for each in records(office)] == [(201, b"done")]


async def test_an_order_that_loses_its_key_is_undone() -> None:
    office = FakeOffice()
    first, second = await tickets(office, 2)

    async def overtaken(envelope: Envelope) -> Reply:
        del office.actors.script[Reserve]
        winner = await eve.post("/api/orders", json={"ticketId": second}, headers=keyed())
        assert winner.status_code == 201
        return office.actors.turn(envelope)

    office.actors.script[Reserve] = overtaken
    async with office.client(EVE) as eve:
        loser = await eve.post("/api/orders", json={"ticketId": first}, headers=keyed())
        orders = {each["ticket"]["id"]: each["status"] for each in (await eve.get("/api/orders")).json()}

    assert code(loser) == (400, KEY_REUSED.code)
    assert orders == {first: "cancelled", second: "created"}
    assert "hold" not in office.database["tickets"].documents[ObjectId(first)]


async def test_an_undoing_that_fails_is_tried_again() -> None:
    office = FakeOffice()
    first, second = await tickets(office, 2)
    tried: list[str] = []

    async def overtaken(envelope: Envelope) -> Reply:
        del office.actors.script[Reserve]
        await eve.post("/api/orders", json={"ticketId": second}, headers=keyed())
        return office.actors.turn(envelope)

    async def full_at_first(envelope: Envelope) -> Reply:
        tried.append(envelope.op)
        return Overloaded(reason="full") if len(tried) == 1 else office.actors.turn(envelope)

    office.actors.script = {Reserve: overtaken, CancelOrder: full_at_first}
    async with office.client(EVE) as eve:
        assert code(await eve.post("/api/orders", json={"ticketId": first}, headers=keyed())) == (400, KEY_REUSED.code)
    assert len(tried) == 2
    assert len(set(tried)) == 1
    assert "hold" not in office.database["tickets"].documents[ObjectId(first)]


@pytest.mark.parametrize("path", ["/api/orders", "/api/tickets"])
async def test_the_same_request_many_times_at_once(path: str) -> None:
    office = FakeOffice()
    body = {"ticketId": (await tickets(office, 1))[0]} if path == "/api/orders" else SEAT
    async with office.client(EVE) as eve:
        answers = await asyncio.gather(*(eve.post(path, json=body, headers=keyed()) for _ in range(8)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.content for answer in answers}) == 1
    assert len(records(office)) == 1


async def test_different_orders_at_once_leave_one() -> None:
    office = FakeOffice()
    ids = await tickets(office, 8)
    async with office.client(EVE) as eve:
        answers = await asyncio.gather(
            *(eve.post("/api/orders", json={"ticketId": each}, headers=keyed()) for each in ids)
        )
    assert sorted(answer.status_code for answer in answers) == [201] + [400] * 7
    held = [each for each in office.database["tickets"].documents.values() if "hold" in each]
    assert len(held) == 1


async def test_a_success_that_cannot_be_recorded_is_to_be_asked_again() -> None:
    office = FakeOffice()
    (ticket_id,) = await tickets(office, 1)
    async with office.client(EVE) as eve:
        for error in (AutoReconnect("gone"), DuplicateKeyError("taken")):
            with office.broken(error, "insert_one"):
                answer = await eve.post("/api/orders", json={"ticketId": ticket_id}, headers=keyed())
            assert code(answer) == (503, "outcome_unknown")
        again = await eve.post("/api/orders", json={"ticketId": ticket_id}, headers=keyed())
        with office.broken(AutoReconnect("gone"), "replace_one"):
            answer = await eve.post("/api/tickets", json=SEAT, headers=keyed("other"))
            assert code(answer) == (503, "outcome_unknown")
        ticket = await eve.post("/api/tickets", json=SEAT, headers=keyed("other"))
    assert (again.status_code, ticket.status_code) == (201, 201)
    assert len(office.database["orders"].documents) == 1
    assert len(office.database["tickets"].documents) == 2


async def test_nothing_is_done_where_the_key_cannot_be_looked_up() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve:
        for calls in (("find_one",), ("insert_one",)):
            with office.broken(AutoReconnect("gone"), *calls):
                answer = await eve.post("/api/tickets", json=SEAT, headers=keyed())
            assert code(answer) == (503, "database_unavailable")
    assert office.actors.sent == []


async def test_a_claim_that_cannot_be_withdrawn_does_not_hide_the_refusal() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve:
        with office.broken(AutoReconnect("gone"), "delete_one"):
            answer = await eve.put(f"/api/tickets/{ObjectId()}", json=SEAT, headers=keyed())
    assert code(answer) == (404, "ticket_not_found")


@pytest.mark.parametrize("path", ["/api/orders", "/api/tickets"])
async def test_a_client_that_leaves_tears_nothing(path: str) -> None:
    office = FakeOffice()
    body = {"ticketId": (await tickets(office, 1))[0]} if path == "/api/orders" else SEAT
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def held(envelope: Envelope) -> Reply:
        asked.set()
        await go_on.wait()
        return office.actors.turn(envelope)

    office.actors.script = {Reserve: held, CreateTicket: held}
    async with office.client(EVE) as eve:
        impatient = asyncio.ensure_future(eve.post(path, json=body, headers=keyed()))
        await asked.wait()
        impatient.cancel()
        await asyncio.wait([impatient])
        go_on.set()
        await until("a record", lambda: [each.get("status") for each in records(office)] == [201])
        again = await eve.post(path, json=body, headers=keyed())
    assert impatient.cancelled()
    assert again.headers["idempotent-replayed"] == "true"


async def test_errands_are_let_go_when_they_are_done() -> None:
    errands = Errands()

    async def work() -> int:
        return 7

    async def refuse() -> int:
        raise ApiError(KEY_REUSED)

    assert await errands.run(work()) == 7
    with pytest.raises(ApiError, match=KEY_REUSED.code):
        await errands.run(refuse())
    assert len(errands) == 0


@pytest.mark.parametrize(
    ("keys", "refusal"),
    [([""], INVALID_KEY), (["k" * 256], INVALID_KEY), (["a\tb"], INVALID_KEY), (["é"], INVALID_KEY),
     (["a", "b"], SEVERAL_KEYS), (["a", "a"], SEVERAL_KEYS)],
)  # fmt: skip
async def test_keys_that_are_none(keys: list[str], refusal: Refused) -> None:
    async with FakeOffice().client(EVE) as eve:
        headers = [(b"Idempotency-Key", key.encode("latin-1")) for key in keys]
        answer = await eve.post("/api/tickets", json=SEAT, headers=headers)
    assert answer.status_code == 400
    assert answer.json() == {
        "errors": [{"code": "invalid_idempotency_key", "message": refusal.message, "field": "Idempotency-Key"}]
    }


async def test_an_id_in_the_other_case_is_the_same_request() -> None:
    async with FakeOffice().client(ADA) as ada:
        path = f"/api/tickets/{(await ada.post('/api/tickets', json=SEAT)).json()['id']}"
        first = await ada.put(path, json={**SEAT, "price": 1}, headers=keyed())
        again = await ada.put(f"{path[:-24]}{path[-24:].upper()}", json={**SEAT, "price": 1}, headers=keyed())
    assert first.status_code == 200
    assert (again.content, again.headers["idempotent-replayed"]) == (first.content, "true")


async def test_who_sent_no_key_is_not_told_to_repeat_it() -> None:
    office = FakeOffice()
    office.actors.answer(CreateTicket, OutcomeUnknown(reason="lost"))
    async with office.client(ADA) as ada:
        without = await ada.post("/api/tickets", json=SEAT)
        with_key = await ada.post("/api/tickets", json=SEAT, headers=keyed())
    assert code(without) == code(with_key) == (503, "outcome_unknown")
    assert without.headers["retry-after"] == with_key.headers["retry-after"] == "1"
    assert without.json()["errors"][0]["message"] == UNKNOWN_WITHOUT_KEY.message
    assert with_key.json()["errors"][0]["message"] == OUTCOME_UNKNOWN.message


async def test_a_key_of_another_person_is_another_key() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada, office.client(EVE) as eve:
        first = await ada.post("/api/tickets", json=SEAT, headers=keyed())
        second = await eve.post("/api/tickets", json=SEAT, headers=keyed())
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] != second.json()["id"]


async def test_indexes() -> None:
    office = FakeOffice()
    await indexes.prepare(office.database)  # type: ignore[arg-type]
    by_seller = [("userId", 1), ("createdAt", 1), ("_id", 1)]
    assert [keys for keys, _ in office.database["tickets"].indexes] == [
        [("createdAt", 1), ("_id", 1)],
        [("price", 1), ("_id", 1)],
        by_seller,
    ]
    paid = {"payment.status": {"$in": ["paid", "refunding", "refunded"]}}
    assert office.database["orders"].indexes == [
        (by_seller, {}),
        ([("ticket.userId", 1), ("createdAt", 1)], {"partialFilterExpression": paid}),
    ]
    day = int(timedelta(days=1).total_seconds())
    assert office.database["idempotency"].indexes == [("createdAt", {"expireAfterSeconds": day})]
