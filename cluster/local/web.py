"""Asking a web server on this machine whether it works."""

import urllib.request


def answers(address: str, *, timeout_s: float = 2.0) -> bool:
    """Whether a GET of `address` ends with 200."""
    # No proxy from the environment: everything asked here is on this machine.
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=timeout_s) as reply:
            return bool(reply.status == 200)
    except OSError:
        return False
