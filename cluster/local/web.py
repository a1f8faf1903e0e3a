"""Asking a web server on this machine: whether it works, and past every proxy."""

import urllib.request
from collections.abc import Mapping
from http.client import HTTPException
from ipaddress import ip_address

LOOPBACK = "127.0.0.1,localhost,::1"


def answers(address: str, *, timeout_s: float = 2.0) -> bool:
    """Whether a GET of `address` ends with 200."""
    # No proxy from the environment: everything asked here is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=timeout_s) as reply:
            return bool(reply.status == 200)
    except (OSError, HTTPException):
        return False


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine by its very name."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def past_proxies(environ: Mapping[str, str]) -> dict[str, str]:
    """The variables that keep what is asked on this machine from a proxy that `environ` names.

    Both spellings get the same: programs differ in which of them they read, and Python's read one alone.
    """
    kept = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    # An asterisk is understood only where nothing else is said.
    value = kept if kept == "*" else ",".join(filter(None, [kept, LOOPBACK]))
    return {"no_proxy": value, "NO_PROXY": value}
