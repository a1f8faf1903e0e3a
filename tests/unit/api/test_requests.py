"""serve_app.guard, body, cross_site and failures: what holds for every request."""

import asyncio
import logging
from collections.abc import AsyncIterator
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect, OperationFailure, ServerSelectionTimeoutError
from starlette.datastructures import Headers
from starlette.requests import Request

from serve_app.body import BODY_MAX_S, read_body
from serve_app.cross_site import is_cross_site
from serve_app.guard import BODY_MAX
from serve_app.refusals import REQUEST_TIMEOUT
from tests.unit.api.fakes import FakeOffice

SIGN_IN = {
    "type": "http", "method": "POST", "path": "/api/users/signin", "raw_path": b"/api/users/signin",
    "headers": [], "query_string": b"", "root_path": "", "scheme": "http", "server": ("office", 80),
}  # fmt: skip


def codes(answer: Any) -> tuple[int, list[str]]:
    return answer.status_code, [each["code"] for each in answer.json()["errors"]]


@pytest.mark.parametrize(
    ("headers", "cross"),
    [({}, False), ({"sec-fetch-site": "same-origin"}, False), ({"sec-fetch-site": "cross-site"}, True),
     ({"origin": "http://shop.example", "host": "shop.example"}, False),
     ({"origin": "https://shop.example", "host": "SHOP.example:443"}, False),
     ({"origin": "http://shop.example:8000", "host": "shop.example:8000"}, False),
     ({"origin": "http://shop.example:8001", "host": "shop.example:8000"}, True),
     ({"origin": "http://evil.example", "host": "shop.example"}, True),
     ({"origin": "http://[::1]:8000", "host": "[::1]:8000"}, False),
     ({"origin": "http://shop.example"}, True), ({"origin": "null", "host": "shop.example"}, True),
     ({"origin": "", "host": ""}, True), ({"origin": "http://x:y", "host": "x:y"}, True)],
    ids=str,
)  # fmt: skip
def test_cross_site_requests(headers: dict[str, str], cross: bool) -> None:
    assert is_cross_site("POST", Headers(headers)) is cross
    assert is_cross_site("GET", Headers(headers)) is False


async def test_a_body_is_not_read_beyond_the_limit() -> None:
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b" " * (BODY_MAX // 4)

    chunks = pieces()
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": await anext(chunks), "more_body": True}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await FakeOffice().app(dict(SIGN_IN), receive, send)

    assert (sent[0]["status"], read) == (413, 5)


async def test_an_announced_body_is_not_read_at_all() -> None:
    async with FakeOffice().client() as client:
        answer = await client.post("/api/nothing", content=b" " * (BODY_MAX + 1))
    assert codes(answer) == (413, ["body_too_large"])


async def endless() -> AsyncIterator[bytes]:
    while True:
        yield b" " * (BODY_MAX // 4)


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/api/tickets"), ("GET", "/"), ("DELETE", f"/api/orders/{'0' * 24}")]
)
async def test_nothing_is_taken_where_nothing_is_read(method: str, path: str) -> None:
    async with FakeOffice().client(ObjectId()) as client:
        answer = await client.request(method, path, content=endless(), headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 411


async def test_a_refund_reads_what_it_does_not_need_before_it_asks_anybody() -> None:
    office = FakeOffice()
    async with office.client(ObjectId()) as client:
        answer = await client.post(f"/api/orders/{'0' * 24}/refund", content=endless())
    assert codes(answer) == (413, ["body_too_large"])
    assert office.actors.sent == []


async def dripping() -> AsyncIterator[bytes]:
    yield b"csrf=1"
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("path", "kind"),
    [("/api/users/signin", "application/json"), (f"/api/orders/{'0' * 24}/refund", "application/json"),
     ("/api/payments/webhook", "application/json"), ("/signin", "application/x-www-form-urlencoded")],
)  # fmt: skip
async def test_a_body_that_does_not_come_is_not_waited_for(path: str, kind: str) -> None:
    async with asyncio.timeout(BODY_MAX_S + 1), FakeOffice().client(ObjectId()) as client:
        answer = await client.post(path, content=dripping(), headers={"Content-Type": kind})
    assert answer.status_code == 408
    assert REQUEST_TIMEOUT.message in answer.text
    if path.startswith("/api/"):
        assert codes(answer) == (408, ["request_timeout"])
    else:
        assert "send the form again" in answer.text


async def test_a_body_in_one_piece_needs_no_timer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("serve_app.body.in_time", None)
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"[]", "more_body": False}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await FakeOffice().app(dict(SIGN_IN), receive, send)

    assert sent[0]["status"] == 400


async def test_a_body_in_pieces_is_put_together() -> None:
    pieces = [b'{"email": "ada@example.com", ', b'"password": ', b"1}"]

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    assert await read_body(Request(dict(SIGN_IN), receive)) == {"email": "ada@example.com", "password": 1}


@pytest.mark.parametrize("body", ["", "[]", "{", "nul", '{"a": 1e}', "[" * 50_000, '{"x": "\x01"}', "\ud800{}"])
async def test_broken_bodies(body: str) -> None:
    async with FakeOffice().client() as client:
        answer = await client.post("/api/users/signin", content=body.encode("utf-8", "surrogatepass"))
    assert codes(answer) == (400, ["invalid_body"])


async def test_unknown_routes_and_methods() -> None:
    async with FakeOffice().client() as client:
        unknown = await client.get("/api/nowhere")
        assert codes(unknown) == (404, ["not_found"])
        assert unknown.headers["cache-control"] == "no-store"
        assert codes(await client.get("/docs/secret.js")) == (404, ["not_found"])
        wrong = await client.put("/api/tickets")
    assert codes(wrong) == (405, ["method_not_allowed"])
    assert wrong.headers["allow"] == "GET, HEAD, POST"


async def test_a_defect_is_500_logged_and_tells_nothing(caplog: pytest.LogCaptureFixture) -> None:
    office = FakeOffice()
    with office.broken(RuntimeError("the secret reason")):
        async with office.client() as client:
            answer = await client.get("/api/tickets")
    assert codes(answer) == (500, ["internal_error"])
    assert "secret" not in answer.text
    assert [(each.levelno, each.message) for each in caplog.records] == [(logging.ERROR, "GET /api/tickets failed")]


@pytest.mark.parametrize("error", [ServerSelectionTimeoutError("none"), AutoReconnect("gone")])
@pytest.mark.parametrize("path", ["/api/tickets", f"/api/tickets/{'0' * 24}", "/api/orders", f"/api/orders/{'0' * 24}"])
async def test_a_database_that_does_not_answer(path: str, error: Exception) -> None:
    office = FakeOffice()
    with office.broken(error):
        async with office.client(ObjectId()) as client:
            answer = await client.get(path)
    assert codes(answer) == (503, ["database_unavailable"])
    assert answer.headers["retry-after"] == "1"


async def test_a_query_the_database_refuses_is_a_defect() -> None:
    office = FakeOffice()
    with office.broken(OperationFailure("bad query")):
        async with office.client() as client:
            assert codes(await client.get("/api/tickets")) == (500, ["internal_error"])


async def test_a_client_that_leaves_while_it_is_read(caplog: pytest.LogCaptureFixture) -> None:
    sent: list[Any] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await FakeOffice().app(dict(SIGN_IN), receive, send)

    assert sent == []
    assert caplog.records == []


@pytest.mark.parametrize("path", ["/api/tickets", "/api/orders", "/api/health", "/api/users/currentuser", "/docs"])
async def test_what_can_be_got_can_be_asked_about(path: str) -> None:
    async with FakeOffice().client(ObjectId()) as client:
        assert (await client.head(path)).status_code == 200


async def test_what_is_one_person_s_is_kept_by_nobody_on_the_way() -> None:
    office = FakeOffice()
    async with office.client(ObjectId()) as client:
        ticket = (await client.post("/api/tickets", json={"title": "Seat", "price": 1})).json()
        order = (await client.post("/api/orders", json={"ticketId": ticket["id"]})).json()
        back = f"/api/payments/checkout/return?orderId={order['id']}"
        for path in ("/api/users/currentuser", "/api/orders", f"/api/orders/{order['id']}", back):
            answer = await client.get(path)
            assert (answer.status_code, answer.headers.get("cache-control")) == (200, "no-store"), path


async def test_a_keyed_body_that_could_just_be_read() -> None:
    """Reading and naming a request take different depths: somewhere in between is one that only the first bears."""
    async with FakeOffice().client(ObjectId()) as client:
        for depth in range(100, 1_000, 5):
            content = '{"title":"Seat","price":1,"x":' + "[" * depth + "]" * depth + "}"
            answer = await client.post("/api/tickets", content=content, headers={"Idempotency-Key": str(depth)})
            assert answer.status_code in (201, 400), depth
