"""How often Stripe is asked: whoever asks more than it lets an account ask hears 429, and buyers wait for no reason."""

from collections.abc import Mapping
from typing import Any

import stripe
from aiolimiter import AsyncLimiter

STRETCH_S = 0.125
"""How evenly requests are spread: what a whole second may bring is not to come in its first moment."""


class PacedClient(stripe.HTTPXClient):
    """Sends so many requests a second at most, retries included; the others wait in line, the first who came first."""

    def __init__(self, per_s: float, timeout_s: float) -> None:
        """Send `per_s` requests a second; one is given up after `timeout_s` seconds, not counting its time in line."""
        super().__init__(timeout=timeout_s)
        burst = max(1.0, per_s * STRETCH_S)
        self._pace = AsyncLimiter(burst, burst / per_s)

    async def request_async(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        post_data: Any = None,  # noqa: ANN401  as the SDK has it
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Send a request when it is its turn."""
        await self._pace.acquire()
        return await super().request_async(method, url, headers, post_data)
