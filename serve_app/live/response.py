"""The HTTP side of a stream."""

import asyncio
import logging

from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from serve_app.live.live import Live
from serve_app.live.stream import LIFE_MAX_S, Stream

HEADERS = {
    "Content-Type": "text/event-stream",
    "Cache-Control": "no-store",
    # Some proxies collect a response until it is worth sending; this asks them not to.
    "X-Accel-Buffering": "no",
}

OPEN_MAX_S = LIFE_MAX_S + 10
"""When a client that reads nothing is given up: a stream cannot end politely while what it sends is not taken."""

log = logging.getLogger("boxoffice.live")


class StreamResponse(StreamingResponse):
    """Takes a seat for as long as the connection lasts."""

    def __init__(self, live: Live, stream: Stream) -> None:
        """Send what `stream` has to say."""
        super().__init__(stream.messages(), headers=HEADERS)
        self._live = live

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send until the stream ends, the client leaves, or it is given up."""
        with self._live.seat():
            try:
                async with asyncio.timeout(OPEN_MAX_S):
                    await super().__call__(scope, receive, send)
            except TimeoutError:
                log.info("a stream was given up: its client takes nothing")
