"""Telling a browser's cross-site request from one that may act.

The session cookie is `SameSite=Lax` already; this is the second lock. Programs that are no browsers send neither
header and are not concerned: nobody's cookie travels with them against his will.
"""

from urllib.parse import urlsplit

from starlette.datastructures import Headers

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_DEFAULT_PORTS = {"http": 80, "https": 443}


def is_cross_site(method: str, headers: Headers) -> bool:
    """Whether another web site made a browser send this request, and it could change something."""
    if method in SAFE_METHODS:
        return False
    if headers.get("sec-fetch-site") == "cross-site":
        return True
    origin = headers.get("origin")
    return origin is not None and not _same_host(origin, headers.get("host", ""))


def _same_host(origin: str, host: str) -> bool:
    """Whether `origin` (`https://shop.example`) names `host` (`shop.example`); the origin "null" names nobody."""
    try:
        ours = urlsplit(origin)
        theirs = urlsplit(f"{ours.scheme}://{host}")
        return bool(ours.hostname) and _place(ours.scheme, ours.hostname, ours.port) == _place(
            ours.scheme, theirs.hostname, theirs.port
        )
    except ValueError:
        return False


def _place(scheme: str, hostname: str | None, port: int | None) -> tuple[str | None, int | None]:
    return hostname, port or _DEFAULT_PORTS.get(scheme)
