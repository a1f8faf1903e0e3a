"""Asking until the answer tells something, against a small server that fails as told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from cluster.sale import patience, shop as shop_module
from cluster.sale.figures import Figures
from cluster.sale.meter import Meter
from cluster.sale.shop import Lines, Shop, open_http
from cluster.sale.steps import cancel, reserve
from cluster.sale.stopwatch import Stopwatch

Reply = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Server:
    """Gives its replies one after the other, the last one for ever; remembers the keys it saw."""

    def __init__(self) -> None:
        self.replies: list[Reply] = []
        self.keys: list[str | None] = []

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.keys.append(request.headers.get("Idempotency-Key"))
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        return await reply(request)


def answer(status: int, body: object, **headers: str) -> Reply:
    async def reply(_: web.Request) -> web.StreamResponse:
        return web.json_response(body, status=status, headers=headers)

    return reply


async def hang_up(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.close()
    return web.Response()


@pytest.fixture
def server() -> Server:
    return Server()


@pytest.fixture
async def shop(server: Server) -> AsyncIterator[Shop]:
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", server.handle)
    async with TestServer(application) as running, open_http() as http:
        url = str(running.make_url("/")).rstrip("/")
        yield Shop(http=http, url=url, lines=Lines(1), figures=Figures(), meter=Meter(), stopwatch=Stopwatch())


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "AGAIN_S", 0.0)
    monkeypatch.setattr(shop_module, "AGAIN_S", 0.0)
    monkeypatch.setattr(shop_module, "TRIES_MAX", 5)


async def test_lost_answers_and_failures_are_asked_again_under_the_same_key(server: Server, shop: Shop) -> None:
    server.replies = [answer(503, {}, **{"Retry-After": "0"}), hang_up, answer(500, {}), answer(201, {"id": "7"})]
    found = await shop.ask(reserve("t"), "token", "my-key")
    assert (found.status, found.body) == (201, {"id": "7"})
    assert server.keys == ["my-key"] * 4
    assert shop.figures.repeats == 3
    assert shop.figures.answers() == [1]
    found_out = {("reserve", "503"): 1, ("reserve", "ServerDisconnectedError"): 1, ("reserve", "500"): 1}
    assert shop.figures.troubles == found_out


async def test_who_asks_too_often_asks_again_and_a_gateways_limit_is_no_answer(server: Server, shop: Shop) -> None:
    server.replies = [answer(429, {}, **{"Retry-After": "0"}), answer(201, {"id": "7"})]
    assert (await shop.ask(reserve("t"), "token", "my-key")).status == 201
    assert server.keys == ["my-key"] * 2
    assert shop.figures.troubles == {("reserve", "429"): 1}


@pytest.mark.parametrize("status", [302, 307, 308])
async def test_nobody_goes_where_he_is_sent(server: Server, shop: Shop, status: int) -> None:
    server.replies = [answer(status, {}, Location="/elsewhere"), answer(200, {})]
    found = await shop.ask(reserve("t"))
    assert (found.status, found.location, len(server.keys)) == (status, "/elsewhere", 1)


async def test_where_something_was_made_is_no_redirect(server: Server, shop: Shop) -> None:
    server.replies = [answer(201, {"id": "7"}, Location="/api/orders/7")]
    assert (await shop.ask(reserve("t"))).location == ""


async def test_a_refusal_is_an_answer(server: Server, shop: Shop) -> None:
    server.replies = [answer(400, {"errors": [{"code": "ticket_reserved"}]})]
    assert (await shop.ask(reserve("t"))).status == 400
    assert server.keys == [None]


async def test_it_gives_up_in_the_end(server: Server, shop: Shop) -> None:
    server.replies = [answer(503, {}, **{"Retry-After": "0"})]
    assert (await shop.ask(reserve("t"), key="k")).status == 503
    assert len(server.keys) == 5
    assert shop.figures.repeats == 4, "the first was none"
    server.replies = [hang_up]
    silent = await shop.ask(reserve("t"), key="k")
    assert (silent.status, silent.words) == (0, "Server disconnected")


async def test_what_was_never_answered_is_no_answer_and_has_no_latency(server: Server, shop: Shop) -> None:
    server.replies = [hang_up]
    await shop.ask(reserve("t"), key="k")
    assert (shop.figures.answers(), dict(shop.figures.steps)) == ([], {})


async def test_each_sending_is_told_of(server: Server, shop: Shop) -> None:
    sendings: list[int] = []
    server.replies = [hang_up, answer(204, {})]
    await shop.ask(reserve("t"), "token", "k", on_sent=lambda: sendings.append(len(server.keys)))
    assert sendings == [0, 1], "each before it reached the server"


async def test_it_does_not_pause_after_the_last_try(
    server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []

    async def pause(seconds: float) -> None:
        pauses.append(seconds)

    monkeypatch.setattr(shop_module.asyncio, "sleep", pause)
    server.replies = [answer(503, {}, **{"Retry-After": "3"})]
    await shop.ask(reserve("t"), key="k")
    assert pauses == [3.0] * 4


async def test_an_answer_says_what_time_it_is_there(server: Server, shop: Shop) -> None:
    server.replies = [answer(200, {}, Date="Tue, 01 Jan 2030 00:00:00 GMT")]
    assert (await shop.ask(reserve("t"))).date == "Tue, 01 Jan 2030 00:00:00 GMT"


async def test_an_answer_without_a_body_and_one_that_opens_a_session(server: Server, shop: Shop) -> None:
    async def nothing(_: web.Request) -> web.StreamResponse:
        return web.Response(status=204)

    server.replies = [nothing]
    assert (await shop.ask(cancel("o"), "token", "k")).status == 204
    server.replies = [answer(201, {"id": "7"}, **{"Set-Cookie": "session=abc; HttpOnly"})]
    assert (await shop.ask(reserve("t"))).cookie == "abc"


async def test_who_holds_an_order_does_not_wait_behind_those_who_want_one(server: Server, shop: Shop) -> None:
    door_is_taken, let_go = asyncio.Event(), asyncio.Event()

    async def slow(_: web.Request) -> web.StreamResponse:
        door_is_taken.set()
        await let_go.wait()
        return web.json_response({})

    server.replies = [slow, answer(204, {})]
    crowd = [asyncio.create_task(shop.ask(reserve("t"))) for _ in range(3)]
    async with asyncio.timeout(10):
        await door_is_taken.wait()
        assert (await shop.ask(cancel("o"), "token", "k", holds_order=True)).status == 204
        assert not any(each.done() for each in crowd)
        let_go.set()
        assert [each.status for each in await asyncio.gather(*crowd)] == [200, 204, 204]
    assert (len(shop.meter.waits_ms), len(shop.meter.till_waits_ms)) == (3, 1)


async def test_a_request_waits_from_when_it_was_due(server: Server, shop: Shop) -> None:
    server.replies = [answer(204, {})]
    await shop.ask(cancel("o"), "token", "k", due_s=shop.stopwatch.elapsed_s() - 5)
    [waited_ms] = shop.meter.waits_ms
    assert 5_000 <= waited_ms < 10_000
    assert shop.figures.percentiles("cancel")[0.99] < 5_000, "that is no part of its latency"


async def test_who_is_told_to_come_again_lets_others_go_before_him(
    server: Server, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given one connection, and a buyer who is to pause until another was served,
    served = asyncio.Event()

    async def pause(_: float) -> None:
        await served.wait()

    monkeypatch.setattr(shop_module.asyncio, "sleep", pause)
    server.replies = [answer(503, {}, **{"Retry-After": "3"}), answer(204, {})]
    async with asyncio.timeout(10):
        first = asyncio.create_task(shop.ask(reserve("t"), key="first"))
        while not server.keys:
            await asyncio.wait([first], timeout=0.01)
        try:
            assert (await shop.ask(reserve("t"), key="second")).status == 204
        finally:
            served.set()
        assert (await first).status == 204
    assert server.keys == ["first", "second", "first"]
    assert len(shop.meter.waits_ms) == 3
