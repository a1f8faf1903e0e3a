"""Counting failed sign-ins and sign-ups, so that nobody can try passwords, or addresses, by the thousand.

Counted in memory, hence per Serve replica: with n replicas n times as many attempts pass. Only failures count: behind
one address there may be a whole network of people who all sign in when a sale begins. Each failure costs a hash, so the
counters of a minute are bounded by the hashes a minute has time for.

An account is closed to one client after ten failures, and to everybody after a hundred: who knows an address must come
from many places to keep its owner out.

The client is the address of the connection; of an IPv6 address the first half, for whoever has one has all that
begin like it. Where that address is loopback or private it is a proxy of ours, and the last entry of the last
`X-Forwarded-For` is believed instead: the one the nearest proxy added (as `cluster.haproxy` has ours do). A proxy
that lets clients' own headers through lets them choose who they are; what then holds is the limit per e-mail address.
Behind a proxy that names nobody, clients cannot be told apart: an account is closed to all of them after ten failures,
and there is no limit per client, for one of them could lock everybody out.
"""

import time
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

from limits import RateLimitItemPerMinute
from limits.aio.storage import MemoryStorage
from limits.aio.strategies import FixedWindowRateLimiter
from starlette.requests import Request

from serve_app.refusals import TOO_MANY_ATTEMPTS, ApiError

PER_PAIR = RateLimitItemPerMinute(10, namespace="pair")
PER_ADDRESS = RateLimitItemPerMinute(100, namespace="email")
PER_CLIENT = RateLimitItemPerMinute(300, namespace="client")

Counter = tuple[RateLimitItemPerMinute, tuple[str, ...]]
"""A limit, and whose failures are counted towards it."""


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
        for limit, who in _counters(client, email):
            if not await self._limiter.test(limit, *who):
                stats = await self._limiter.get_window_stats(limit, *who)
                raise ApiError(TOO_MANY_ATTEMPTS, retry_after_s=stats.reset_time - time.time())

    async def failed(self, client: str | None, email: str | None = None) -> None:
        """Count a failure."""
        for limit, who in _counters(client, email):
            await self._limiter.hit(limit, *who)


def client_of(request: Request) -> str | None:
    """Who is at the other end, as far as it can be told; see above. None for a proxy that names nobody."""
    peer = request.client.host if request.client else ""
    forwarded = ",".join(request.headers.getlist("x-forwarded-for")).rpartition(",")[2].strip()
    try:
        address = _address(peer)
        return _name(address if address.is_global else _address(forwarded))
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


def _counters(client: str | None, email: str | None) -> list[Counter]:
    """What a failure counts towards; of one account, all clients that cannot be told apart are one."""
    counters: list[Counter] = []
    if email is not None:
        counters += [(PER_PAIR, (email, client or "")), (PER_ADDRESS, (email,))]
    if client is not None:
        counters.append((PER_CLIENT, (client,)))
    return counters
