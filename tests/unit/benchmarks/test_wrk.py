"""wrk as the benchmarks use it, against a small server."""

import asyncio
import json
import shutil

import pytest
from bson import ObjectId

from tests.benchmarks import wrk

pytestmark = pytest.mark.skipif(shutil.which("wrk") is None, reason="`make wrk` installs it")


class Shop:
    """Grants whatever it is asked for; remembers the ids of its orders."""

    def __init__(self) -> None:
        self.orders: list[str] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                await reader.readexactly(int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]))
                writer.write(self.grant())
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()

    def grant(self) -> bytes:
        self.orders.append(str(ObjectId()))
        body = json.dumps({"id": self.orders[-1], "ticket": {"id": str(ObjectId())}}, separators=(",", ":")).encode()
        return b"HTTP/1.1 201 Created\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


async def test_the_orders_that_were_acknowledged_are_known_by_their_ids() -> None:
    shop = Shop()
    server = await asyncio.start_server(shop.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with server:
        load = await asyncio.to_thread(
            wrk.reserve, f"http://127.0.0.1:{port}", [str(ObjectId())], ["session"], seconds=1
        )
    assert len(load.granted) == load.answers["201"] > 0
    untold = set(shop.orders) - set(load.granted)
    assert set(load.granted) <= set(shop.orders)
    assert len(untold) <= wrk.CONNECTIONS, "more than were under way at the end"
