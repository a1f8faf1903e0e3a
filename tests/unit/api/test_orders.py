"""serve_app.api.orders, reserving, cancelling and settling."""

import asyncio
from typing import Any

import httpx
import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect

from actors.contract import (
    TICKETS,
    Address,
    CancelOrder,
    Grant,
    Granted,
    OrderSettled,
    OutcomeUnknown,
    Overloaded,
    PaymentStopped,
    RefundOrder,
    Reply,
    Reserve,
    TicketHeld,
)
from actors.runtime.envelope import Envelope
from serve_app import reads
from tests.unit.api.fakes import FakeOffice, until

ADA, EVE, BOB = ObjectId(), ObjectId(), ObjectId()
SILENCE = [Overloaded(reason="full"), OutcomeUnknown(reason="lost")]


def code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["errors"][0]["code"]


async def a_ticket(office: FakeOffice) -> str:
    async with office.client(ADA) as ada:
        return str((await ada.post("/api/tickets", json={"title": "Seat", "price": 20.5})).json()["id"])


async def an_order(office: FakeOffice, client: httpx.AsyncClient) -> dict[str, Any]:
    answer = await client.post("/api/orders", json={"ticketId": await a_ticket(office)})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_of_very_many_orders_the_newest_are_shown_oldest_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reads, "ORDERS_MAX", 2)
    office = FakeOffice()
    async with office.client(EVE) as eve:
        made = []
        for _ in range(3):
            made.append((await an_order(office, eve))["id"])
            office.clock.advance(seconds=1)
        assert [each["id"] for each in (await eve.get("/api/orders")).json()] == made[1:]


async def test_reserving() -> None:
    office = FakeOffice()
    ticket_id = await a_ticket(office)
    async with office.client(EVE) as eve, office.client(BOB) as bob:
        answer = await eve.post("/api/orders", json={"ticketId": ticket_id})
        order = answer.json()
        assert (answer.status_code, order) == (
            201,
            {
                "id": order["id"],
                "status": "created",
                "userId": str(EVE),
                "expiresAt": "2030-01-01T12:15:00.000Z",
                "version": 0,
                "ticket": {"id": ticket_id, "title": "Seat", "price": 20.5, "userId": str(ADA), "version": 1},
            },
        )
        assert (await eve.get(f"/api/orders/{order['id']}")).json() == order
        assert (await eve.get("/api/orders")).json() == [order]
        assert (await bob.get("/api/orders")).json() == []
        assert (await bob.get(f"/api/tickets/{ticket_id}")).json()["orderId"] == order["id"]
        assert code(await bob.get(f"/api/orders/{order['id']}")) == (401, "not_the_buyer")
        again = await eve.post("/api/orders", json={"ticketId": ticket_id})
        assert again.json()["errors"][0]["orderId"] == order["id"]
        other = await bob.post("/api/orders", json={"ticketId": ticket_id})
        assert (other.status_code, other.json()["errors"][0].keys()) == (400, {"message", "code"})


async def test_what_is_leased_is_refused_without_a_question() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve, office.client(BOB) as bob:
        order = await an_order(office, eve)
        ticket = order["ticket"]["id"]
        held = TicketHeld(
            code="ticket_reserved", message="Reserved", order_id=ObjectId(order["id"]), user_id=ObjectId(EVE)
        )
        office.actors.leases[Address(service=TICKETS, key=ObjectId(ticket))] = held
        asked = len(office.actors.sent)

        answer = await bob.post("/api/orders", json={"ticketId": ticket})
        assert (code(answer), len(office.actors.sent)) == ((400, "ticket_reserved"), asked)
        assert answer.json()["errors"][0].keys() == {"message", "code"}

        again = await eve.post("/api/orders", json={"ticketId": ticket})
        assert again.json()["errors"][0]["orderId"] == order["id"], "the holder hears of his order"
        keyed = await bob.post("/api/orders", json={"ticketId": ticket}, headers={"Idempotency-Key": "k"})
        assert (code(keyed), len(office.actors.sent)) == ((400, "ticket_reserved"), asked + 2), "it may be a repetition"


async def test_what_cannot_be_reserved() -> None:
    async with FakeOffice().client(EVE) as eve:
        missing = await eve.post("/api/orders", json={"ticketId": str(ObjectId())})
        assert code(missing) == (404, "ticket_not_found")
        assert code(await eve.post("/api/orders", json={"ticketId": "1"})) == (400, "invalid_id")


async def test_a_grant_whose_order_appears_later() -> None:
    office = FakeOffice()
    ticket_id = await a_ticket(office)
    looked = asyncio.Event()

    async def granted(envelope: Envelope) -> Reply:
        """Answer as after a crash: the grant is known, the order comes a moment later."""
        wish = envelope.message
        assert isinstance(wish, Reserve)

        async def appear() -> None:
            await until("two looks", lambda: office.database["orders"].calls.count("find_one") == 2)
            office.actors.turn(envelope)
            looked.set()

        appearing.append(asyncio.ensure_future(appear()))
        return Granted(grant=Grant(order_id=wish.order_id, user_id=wish.user_id, hold_number=1))

    appearing: list[asyncio.Future[None]] = []
    office.actors.script[Reserve] = granted
    async with office.client(EVE) as eve:
        answer = await eve.post("/api/orders", json={"ticketId": ticket_id})
    assert looked.is_set()
    assert (answer.status_code, answer.json()["status"]) == (201, "created")


async def test_a_grant_whose_order_never_appears() -> None:
    office = FakeOffice()
    office.actors.answer(Reserve, Granted(grant=Grant(order_id=ObjectId(), user_id=EVE, hold_number=1)))
    async with office.client(EVE) as eve:
        assert code(await eve.post("/api/orders", json={"ticketId": str(BOB)})) == (503, "outcome_unknown")


@pytest.mark.parametrize("heals", [True, False])
async def test_a_grant_whose_order_cannot_be_read(heals: bool) -> None:
    """The ticket is held, whatever the database says: nobody is told that nothing happened."""
    office = FakeOffice()
    ticket_id = await a_ticket(office)

    async def granted(envelope: Envelope) -> Reply:
        wish = envelope.message
        assert isinstance(wish, Reserve)
        office.actors.turn(envelope)
        office.database.failure = (AutoReconnect("gone"), ["find_one"])
        if heals:
            asyncio.get_running_loop().call_later(0.01, lambda: setattr(office.database, "failure", None))
        return Granted(grant=Grant(order_id=wish.order_id, user_id=wish.user_id, hold_number=1))

    office.actors.script[Reserve] = granted
    async with office.client(EVE) as eve:
        answer = await eve.post("/api/orders", json={"ticketId": ticket_id})
    assert (answer.status_code == 201) if heals else (code(answer) == (503, "outcome_unknown"))


async def test_an_order_that_is_over_already_is_a_refusal() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve:
        order = await an_order(office, eve)
        await eve.delete(f"/api/orders/{order['id']}")
        grant = Grant(order_id=ObjectId(order["id"]), user_id=EVE, hold_number=1)
        stored = office.database["orders"].documents.pop(grant.order_id)

        async def granted(envelope: Envelope) -> Reply:
            assert isinstance(envelope.message, Reserve)
            office.database["orders"].documents[envelope.message.order_id] = {
                **stored, "_id": envelope.message.order_id
            }  # fmt: skip
            return Granted(grant=grant)

        office.actors.script[Reserve] = granted
        answer = await eve.post("/api/orders", json={"ticketId": order["ticket"]["id"]})
    assert code(answer) == (400, "ticket_reserved")


@pytest.mark.parametrize("reply", SILENCE, ids=lambda each: each.reason)
async def test_actors_that_do_not_answer(reply: Overloaded | OutcomeUnknown) -> None:
    office = FakeOffice()
    for message in (Reserve, CancelOrder, RefundOrder):
        office.actors.answer(message, reply)
    expected = (503, "overloaded" if isinstance(reply, Overloaded) else "outcome_unknown")
    async with office.client(EVE) as eve:
        assert code(await eve.post("/api/orders", json={"ticketId": str(ADA)})) == expected
        assert code(await eve.delete(f"/api/orders/{ADA}")) == expected
        assert code(await eve.post(f"/api/orders/{ADA}/refund")) == expected


async def test_cancelling() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve, office.client(BOB) as bob:
        order = await an_order(office, eve)
        path = f"/api/orders/{order['id']}"
        assert code(await bob.delete(path)) == (401, "not_the_buyer")
        answer = await eve.delete(path)
        assert (answer.status_code, answer.content) == (204, b"")
        assert (await eve.get(path)).json()["status"] == "cancelled"
        assert code(await eve.delete(f"/api/orders/{ObjectId()}")) == (404, "order_not_found")
        assert code(await eve.delete("/api/orders/x")) == (404, "order_not_found")


async def paying(office: FakeOffice, client: httpx.AsyncClient, token: str) -> dict[str, Any]:
    """An order with a payment of this kind."""
    order = await an_order(office, client)
    await client.post("/api/payments", json={"orderId": order["id"], "token": token})
    return order


async def test_cancelling_what_is_paid() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve:
        order = await paying(office, eve, "tok_visa")
        assert code(await eve.delete(f"/api/orders/{order['id']}")) == (400, "order_complete")


async def test_cancelling_while_a_payment_is_under_way() -> None:
    office = FakeOffice()
    async with office.client(EVE) as eve:
        order = await paying(office, eve, "tok_slow")
        assert (await eve.delete(f"/api/orders/{order['id']}")).status_code == 204


@pytest.mark.parametrize("reply", SILENCE, ids=lambda each: each.reason)
async def test_cancelling_while_stripe_does_not_answer(
    reply: Overloaded | OutcomeUnknown, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = FakeOffice()
    monkeypatch.setattr(office.actors, "tell_order", lambda *_: None)
    async with office.client(EVE) as eve:
        order = await paying(office, eve, "tok_slow")
        office.actors.answer(OrderSettled, reply)
        assert code(await eve.delete(f"/api/orders/{order['id']}")) == (503, "outcome_unknown")


async def test_cancelling_when_the_money_was_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    office = FakeOffice()
    real = office.actors.tell_order
    held: list[Any] = []
    monkeypatch.setattr(office.actors, "tell_order", lambda *news: held.append(news))
    async with office.client(EVE) as eve:
        order = await paying(office, eve, "tok_visa")
        cancelling = asyncio.ensure_future(eve.delete(f"/api/orders/{order['id']}"))
        await until("a stop", lambda: any(isinstance(news, PaymentStopped) for _, news in held))
        real(*held[0])
        assert code(await cancelling) == (400, "order_complete")


async def test_refunding() -> None:
    office = FakeOffice()
    async with office.client(ADA) as ada, office.client(EVE) as eve:
        order = await paying(office, eve, "tok_visa")
        path = f"/api/orders/{order['id']}/refund"
        assert code(await eve.post(path)) == (401, "not_the_seller")
        answer = await ada.post(path)
        assert (answer.status_code, answer.json()["status"]) == (202, "complete")
        assert answer.json()["payment"] == {
            "status": "refunding", "stripeId": "pi_1", "amount": 20.5, "reason": "Refunded by the seller"
        }  # fmt: skip
        free = await an_order(office, eve)
        none = await ada.post(f"/api/orders/{free['id']}/refund")
        assert code(none) == (400, "order_not_paid")
        assert "is not paid, or was refunded already" in none.json()["errors"][0]["message"]
        assert code(await ada.post(f"/api/orders/{ObjectId()}/refund")) == (404, "order_not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("GET", ""), ("POST", ""), ("GET", "/1"), ("DELETE", "/1"), ("POST", "/1/refund")]
)
async def test_orders_need_a_session(method: str, path: str) -> None:
    async with FakeOffice().client() as anyone:
        assert code(await anyone.request(method, f"/api/orders{path}")) == (401, "not_signed_in")
