"""Looks at Stripe's pages: anybody may come back from one as often as he likes, and each look is a question to Stripe.

So one question about a page is there at a time, for all who ask, and its answer is good for a moment.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

from actors.runtime.tasks import own
from serve_app.refusals import OUTCOME_UNKNOWN, ApiError

ANSWER_KEPT_S = 2.0
"""How long one answer is good for all who ask."""

PAGES_MAX = 500
"""Pages that are, or were a moment ago, asked about; who comes beyond that hears of his payment in other ways."""

Look = Callable[[], Coroutine[Any, Any, None]]


class Looks:
    """The looks that are under way, or were taken a moment ago."""

    def __init__(self) -> None:
        """Nobody has asked yet."""
        self._taken: dict[str, asyncio.Task[None]] = {}

    async def at(self, page: str, look: Look) -> None:
        """Take a `look` at a page, or share in the one that somebody else has just taken.

        Raises:
            ApiError: what became of the page is not known.
        """
        if page not in self._taken:
            self._take(page, look)
        await asyncio.shield(self._taken[page])

    def _take(self, page: str, look: Look) -> None:
        """It belongs to no request: others share in it, and wait for it when the first has left."""
        if len(self._taken) >= PAGES_MAX:
            raise ApiError(OUTCOME_UNKNOWN)
        self._taken[page] = own(look())
        self._taken[page].add_done_callback(lambda _: self._forget_soon(page))

    def _forget_soon(self, page: str) -> None:
        asyncio.get_running_loop().call_later(ANSWER_KEPT_S, self._taken.pop, page)
