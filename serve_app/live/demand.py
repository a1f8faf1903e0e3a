"""The feed runs while somebody listens: what nobody hears costs neither MongoDB nor the replica anything."""

import asyncio
from collections.abc import Callable

from actors.runtime.clock import steady_s
from serve_app.live.feed import Feed
from serve_app.live.log import Log

REST_S = 60.0
"""How long the feed goes on after the last one has asked for it: pages come back within seconds."""

LOOK_EVERY_S = 5.0


class Demand:
    """Starts the feed of a replica when it is asked for, and ends it when nobody listens any more."""

    def __init__(self, feed: Feed, log: Log, is_listened_to: Callable[[], bool]) -> None:
        """Run `feed`, which fills `log`, while `is_listened_to`."""
        self._feed = feed
        self._log = log
        self._is_listened_to = is_listened_to
        self._asked = asyncio.Event()
        self._asked_at_s = 0.0

    def ask(self) -> None:
        """Somebody is about to listen."""
        self._asked_at_s = steady_s()
        self._asked.set()

    async def serve(self) -> None:
        """Start and end the feed, for ever; whoever cancels this ends it too."""
        while True:
            await self._asked.wait()
            self._feed.start()
            try:
                while self._is_wanted():  # noqa: ASYNC110  seconds do not matter, and nobody has to tell
                    await asyncio.sleep(LOOK_EVERY_S)
            finally:
                # In this order: who asks while the feed ends is heard, and waits until the log is open again.
                self._asked.clear()
                self._log.close()
                await self._feed.stop()

    def _is_wanted(self) -> bool:
        return self._is_listened_to() or steady_s() < self._asked_at_s + REST_S
