"""What one open page hears, from the first event to the polite end."""

import asyncio
from collections.abc import AsyncIterator

from serve_app import views
from serve_app.live import events
from serve_app.live.digest import Interest
from serve_app.live.live import Live
from serve_app.live.log import Overtaken

HEARTBEAT_S = 15.0
"""The longest silence: shows that the connection lives, and keeps the browser's position young."""

LIFE_MIN_S, LIFE_MAX_S = 90.0, 105.0
"""A stream ends by itself after this long: a proxy that reloads ends old connections after 120 s, and not politely."""

RETRY_MIN_MS, RETRY_MAX_MS = 500, 2_000
"""How soon browsers come back, spread so that they do not come all at once."""


class Stream:
    """One connection of a page. All it keeps of the news is a place in the log."""

    def __init__(self, live: Live, interest: Interest, last_id: str | None) -> None:
        """Tell of `interest` what came after the event `last_id`; None is a page that heard nothing yet."""
        self._live = live
        self._interest = interest
        self._last_id = last_id
        self._place = 0
        self._piece = b""
        """What is about to be sent."""

    async def messages(self) -> AsyncIterator[bytes]:
        """All there is to send, in pieces of whole events.

        A connection may break after any event: the id of each is a position from which nothing is missing.
        """
        loop = asyncio.get_running_loop()
        ends_s = loop.time() + self._live.chance.uniform(LIFE_MIN_S, LIFE_MAX_S)
        yield await self._first()
        beats_s = loop.time() + HEARTBEAT_S
        while (now_s := loop.time()) < ends_s:
            if self._reads_on() or now_s >= beats_s:
                yield self._taken()
                beats_s = now_s + HEARTBEAT_S
            if self._place == self._live.log.end:
                await self._live.bell.wait(min(beats_s, ends_s), self._reads_on)
        self._reads_on()
        yield self._taken()

    async def _first(self) -> bytes:
        """Where it begins: at the present, or where the page was; with a reset where that is no longer known."""
        live, last_id = self._live, self._last_id
        place = None if last_id is None else await live.place_of(last_id)
        self._place = live.log.end if place is None else place
        position = live.log.head if place is None or last_id is None else last_id
        retry_ms = live.chance.randint(RETRY_MIN_MS, RETRY_MAX_MS)
        hello = events.hello(position, views.moment(live.clock.now()), retry_ms)
        return hello + events.reset(position) if place is None and last_id is not None else hello

    def _reads_on(self) -> bool:
        """Go on to the next there is to say, or to the end of the log; whether there is anything."""
        if not self._piece:
            try:
                self._piece, self._place = self._live.news(self._place, self._interest)
            except Overtaken:
                self._piece, self._place = events.reset(self._live.log.head), self._live.log.end
        return bool(self._piece)

    def _taken(self) -> bytes:
        """What there is to say; nothing up to the end of the log is a heartbeat."""
        piece, self._piece = self._piece, b""
        return piece or events.heartbeat(self._live.log.head)
