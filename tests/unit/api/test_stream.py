"""serve_app.api.stream and live.response: the HTTP side of the live stream, in virtual time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest
from bson import ObjectId

from serve_app.api.stream import TICKETS_MAX, tickets_in
from serve_app.live.response import OPEN_MAX_S
from serve_app.refusals import ApiError
from tests.unit.api.fakes import FakeOffice
from tests.unit.live.fakes import at, order, ticket
from tests.unit.runtime.fakes import now_s, virtually

ADA, EVE = ObjectId(), ObjectId()


class Browser:
    """One connection, as a server speaks ASGI."""

    def __init__(self, office: FakeOffice, query: str = "", user_id: ObjectId | None = None, **headers: str) -> None:
        self.sent: list[dict[str, Any]] = []
        self.takes = asyncio.Event()
        self.takes.set()
        self._left = asyncio.Event()
        cookies = office.client(user_id).cookies
        all_headers = {**headers, "cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        scope = {
            "type": "http", "method": "GET", "path": "/api/stream", "raw_path": b"/api/stream", "root_path": "",
            "query_string": query.encode(), "scheme": "http", "server": ("office", 80), "client": ("1.2.3.4", 1),
            "headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in all_headers.items()],
        }  # fmt: skip
        self.task = asyncio.create_task(office.app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        await self._left.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        await self.takes.wait()
        self.sent.append(message)

    def leave(self) -> None:
        self._left.set()

    @property
    def status(self) -> int:
        status: int = self.sent[0]["status"]
        return status

    @property
    def text(self) -> str:
        return b"".join(each.get("body", b"") for each in self.sent).decode()


@asynccontextmanager
async def opened() -> AsyncIterator[FakeOffice]:
    """An office whose live stream runs."""
    office = FakeOffice()
    async with office.live.running():
        await office.live.admit()
        yield office


@virtually
async def test_a_stream_over_http() -> None:
    async with opened() as office:
        browser = Browser(office)
        await asyncio.sleep(1)
        change = ticket(at(1))
        office.source.write(change)
        await asyncio.sleep(1)

        assert browser.status == 200
        headers = dict(browser.sent[0]["headers"])
        assert headers[b"content-type"] == b"text/event-stream"
        assert headers[b"cache-control"] == b"no-store"
        assert headers[b"x-accel-buffering"] == b"no"
        assert b"content-length" not in headers
        assert 'event: hello\ndata: {"now":"2030-01-01T12:00:00.000Z"}' in browser.text
        assert browser.text.endswith(change.message.decode())
        await asyncio.sleep(110)
        assert browser.task.done()
        assert browser.sent[-1] == {"type": "http.response.body", "body": b"", "more_body": False}
        assert office.live.streams == 0


@virtually
async def test_orders_need_their_buyer_s_session() -> None:
    async with opened() as office:
        ada, eve, anyone = Browser(office, user_id=ADA), Browser(office, user_id=EVE, query="tickets="), None
        await asyncio.sleep(1)
        office.source.write(order(at(1), ADA), order(at(2), EVE))
        await asyncio.sleep(1)
        assert (ada.text.count("event: order"), str(ADA) in ada.text, str(EVE) in ada.text) == (1, True, False)
        assert (eve.text.count("event: order"), str(ADA) in eve.text, str(EVE) in eve.text) == (1, False, True)
        ada.leave()
        await asyncio.sleep(1)
        anyone = Browser(office, last_event_id=at(0))
        await asyncio.sleep(1)
        assert (anyone.status, anyone.text.count("event:")) == (200, 1)


@virtually
async def test_going_on_by_last_event_id() -> None:
    async with opened() as office:
        office.source.write(ticket(at(1)), ticket(at(2)))
        await asyncio.sleep(1)
        known, garbage = Browser(office, last_event_id=at(1)), Browser(office, last_event_id="ü; drop table")
        await asyncio.sleep(1)
        assert (known.text.count("event: ticket"), known.text.count("event: reset")) == (1, 0)
        assert (garbage.text.count("event: ticket"), garbage.text.count("event: reset")) == (0, 1)


@virtually
async def test_beginning_where_a_page_was_made() -> None:
    """The query says it on a page's first connection; a header, also an empty one, is the later word."""
    async with opened() as office:
        office.source.write(ticket(at(1)), ticket(at(2)))
        await asyncio.sleep(1)
        for query, header, told, resets in (
            (f"after={at(1)}", {}, 1, 0),
            (f"after={at(1)}", {"last_event_id": at(2)}, 0, 0),
            (f"after={at(1)}", {"last_event_id": ""}, 0, 1),
        ):
            browser = Browser(office, query, **header)
            await asyncio.sleep(1)
            assert (browser.text.count("event: ticket"), browser.text.count("event: reset")) == (told, resets)
            browser.leave()
            await browser.task


@pytest.mark.parametrize("way", ["disconnect", "cancel"])
def test_a_client_that_leaves_leaves_nothing(way: str) -> None:
    @virtually
    async def run() -> None:
        async with opened() as office:
            browser = Browser(office)
            await asyncio.sleep(1)
            assert (office.live.streams, len(office.live.bell)) == (1, 1)
            browser.leave() if way == "disconnect" else browser.task.cancel()
            await asyncio.sleep(0.01)
            assert (office.live.streams, len(office.live.bell), browser.task.done()) == (0, 0, True)

    run()


@virtually
async def test_a_client_that_takes_nothing_is_given_up() -> None:
    async with opened() as office:
        browser = Browser(office)
        await asyncio.sleep(1)
        browser.takes.clear()
        office.source.write(ticket(at(1)))
        began = now_s()
        await asyncio.gather(browser.task)
        assert now_s() - began == pytest.approx(OPEN_MAX_S - 1, abs=0.01)
        assert office.live.streams == 0


async def test_asking_about_the_stream_takes_no_seat() -> None:
    office = FakeOffice()
    async with office.client() as client:
        answer = await client.head("/api/stream")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/event-stream")
    assert office.live.streams == 0


@virtually
async def test_all_seats_taken() -> None:
    async with opened() as office:
        for _ in range(2):
            Browser(office)
        await asyncio.sleep(1)
        late = Browser(office)
        await asyncio.sleep(1)
        assert late.status == 503
        assert dict(late.sent[0]["headers"])[b"retry-after"] == b"5"
        assert '"code":"overloaded"' in late.text


def test_tickets_by_name() -> None:
    assert tickets_in(None) is None
    assert tickets_in("") == frozenset()
    assert tickets_in(f"{ADA},{EVE},{str(ADA).upper()}") == {ADA, EVE}
    assert len(tickets_in(",".join(str(ObjectId()) for _ in range(TICKETS_MAX))) or ()) == TICKETS_MAX


@pytest.mark.parametrize("text", [",", f"{ADA},", f" {ADA}", "me", ",".join([str(ADA)] * (TICKETS_MAX + 1))])
async def test_tickets_that_are_no_list_of_ids(text: str) -> None:
    with pytest.raises(ApiError):
        tickets_in(text)
    async with FakeOffice().client() as client:
        answer = await client.get("/api/stream", params=httpx.QueryParams(tickets=text))
    [refusal] = answer.json()["errors"]
    assert (answer.status_code, refusal["code"], refusal["field"]) == (400, "invalid_query", "tickets")
