"""Counting failed sign-ins and sign-ups, so that nobody can try passwords, or addresses, by the thousand.

Counted in memory, hence per Serve replica: with n replicas n times as many attempts pass. Only failures count: behind
one address there may be a whole network of people who all sign in when a sale begins. Each failure costs a hash, so the
counters of a minute are bounded by the hashes a minute has time for.

The client is the address of the connection; of an IPv6 address the first half, for whoever has one has all that
begin like it. Where that address is loopback or private it is a proxy of ours, and the last entry of the last
`X-Forwarded-For` is believed instead: the one the nearest proxy added. A proxy that lets clients' own headers
through lets them choose who they are; what then holds is the limit per e-mail address. Behind a proxy on this
machine that names nobody, clients cannot be told apart and only that limit applies: otherwise one of them could
lock everybody out.
"""

import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from serve_app.refusals import TOO_MANY_ATTEMPTS, ApiError

PER_ADDRESS = RateLimitItemPerMinute(10, namespace="email")
PER_CLIENT = RateLimitItemPerMinute(300, namespace="client")


class Attempts:
    """The failures of the last minute, of clients and of the addresses that they tried passwords for."""

    def __init__(self) -> None:
        """Nobody has failed yet."""
        self._limiter = FixedWindowRateLimiter(MemoryStorage())

    async def check(self, client: str | None, email: str | None = None) -> None:
        """Let another attempt pass.

        Raises:
            ApiError: too many have failed; it says when the next may be made.
        """
        for limit, who in _limits(client, email):
            if not await self._limiter.test(limit, who):
                stats = await self._limiter.get_window_stats(limit, who)
                raise ApiError(TOO_MANY_ATTEMPTS, retry_after_s=stats.reset_time - time.time())

    async def failed(self, client: str | None, email: str | None = None) -> None:
        """Count a failure."""
        for limit, who in _limits(client, email):
            await self._limiter.hit(limit, who)


def client_of(request: Request) -> str | None:
    """Who is at the other end, as far as it can be told; see above."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        address = _address(peer)
        if not (address.is_loopback or address.is_private):
            return _name(address)
        if forwarded:
            return _name(_address(forwarded))
        return None if address.is_loopback else _name(address)
    except ValueError:
        return None


def _address(text: str) -> IPv4Address | IPv6Address:
    """The address; of an IPv4 address in the clothes of an IPv6 one (`::ffff:10.0.0.7`) itself.

    Raises:
        ValueError: it is none.
    """
    address = ip_address(text)
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address


def _name(address: IPv4Address | IPv6Address) -> str:
    """One name for all the addresses that one client has."""
    return str(address if isinstance(address, IPv4Address) else IPv6Network((int(address), 64), strict=False))


def _limits(client: str | None, email: str | None) -> list[tuple[RateLimitItemPerMinute, str]]:
    limits = ((PER_ADDRESS, email), (PER_CLIENT, client))
    return [(limit, who) for limit, who in limits if who is not None]
