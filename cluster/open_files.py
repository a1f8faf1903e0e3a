"""Open files: every connection is one, and a process may have a thousand of them unless it asks for more."""

import resource
import sys

PLENTY = 65_536
"""Enough for any part of an office."""


def most() -> int:
    """How many files a process may have open here, once it has asked for them."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if hard == resource.RLIM_INFINITY else hard


def ask_for(wanted: int) -> None:
    """Let this process, and those it starts from now on, have `wanted` files open, or as many as it may."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, most()), hard))
