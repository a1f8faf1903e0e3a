"""Counting failed sign-ins, so that nobody can try passwords by the thousand.

Counted in memory, hence per Serve replica: with n replicas n times as many attempts pass. Only failures count, and
each costs a hash, so the counters of a minute are bounded by the hashes a minute has time for.

The client is the address of the connection. Where that address is loopback or private it is a proxy of ours, and
the last entry of `X-Forwarded-For` is believed instead: the one the nearest proxy added. A proxy that lets
clients' own headers through lets them choose who they are; what then holds is the limit per e-mail address. Behind
a proxy on this machine that names nobody, clients cannot be told apart and only that limit applies: otherwise one
of them could lock everybody out.
"""

import time
from ipaddress import ip_address

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from serve_app.refusals import TOO_MANY_ATTEMPTS, ApiError

PER_ADDRESS = RateLimitItemPerMinute(10, namespace="email")
PER_CLIENT = RateLimitItemPerMinute(300, namespace="client")


class Attempts:
    """The failed sign-ins of the last minute."""

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def check(self, email: str, client: str | None) -> None:
        """Let another attempt pass.

        Raises:
            ApiError: too many have failed; it says when the next may be made.
        """
        for limit, who in _limits(email, client):
            if not await self._limiter.test(limit, who):
                stats = await self._limiter.get_window_stats(limit, who)
                raise ApiError(TOO_MANY_ATTEMPTS, retry_after_s=stats.reset_time - time.time())

    async def failed(self, email: str, client: str | None) -> None:
        """Count a failure."""
        for limit, who in _limits(email, client):
            await self._limiter.hit(limit, who)


def client_of(request: Request) -> str | None:
    """Who is at the other end, as far as it can be told; see above."""
    peer = request.client.host if request.client else ""
    forwarded = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    try:
        address = ip_address(peer)
        if not (address.is_loopback or address.is_private):
            return str(address)
        if forwarded:
            return str(ip_address(forwarded))
        return None if address.is_loopback else str(address)
    except ValueError:
        return None


def _limits(email: str, client: str | None) -> list[tuple[RateLimitItemPerMinute, str]]:
    limits = [(PER_ADDRESS, email)]
    return limits if client is None else [*limits, (PER_CLIENT, client)]
