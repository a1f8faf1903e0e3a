"""Ports for one copy: a block of free ones, below the range the kernel hands out by itself."""

import contextlib
import errno
import random
import socket
from dataclasses import dataclass

import psutil

from cluster.local.errors import PortError

LOWEST = 20_000
HIGHEST = 32_000
BLOCK = 100
"""Ports per copy. Ray Serve keeps a stopped replica's port back for a while, so replicas get most of them."""

REPLICA_OFFSET = 20
"""The replicas' ports start here in the block; those before have one name each."""


@dataclass(frozen=True)
class Ports:
    """The block of one copy, by name."""

    first: int

    @property
    def mongod(self) -> int:
        """The embedded MongoDB."""
        return self.first

    @property
    def sandbox(self) -> int:
        """The Stripe sandbox."""
        return self.first + 1

    @property
    def gcs(self) -> int:
        """Ray's head, where others connect."""
        return self.first + 2

    @property
    def dashboard(self) -> int:
        """Ray's dashboard and state API."""
        return self.first + 3

    @property
    def agent(self) -> int:
        """Ray's dashboard agent."""
        return self.first + 4

    @property
    def dashboard_metrics(self) -> int:
        """The dashboard's own figures."""
        return self.first + 5

    @property
    def haproxy_metrics(self) -> int:
        """HAProxy's figures."""
        return self.first + 6

    @property
    def haproxy_stats(self) -> int:
        """HAProxy's status page."""
        return self.first + 7

    @property
    def fallback_http(self) -> int:
        """Serve's Python proxy, used while no replica answers."""
        return self.first + 8

    @property
    def fallback_grpc(self) -> int:
        """The same for gRPC; named so that no copy falls back on a shared default."""
        return self.first + 9

    @property
    def replicas(self) -> tuple[int, int]:
        """First and last port for HTTP from HAProxy to the replicas."""
        return self.first + REPLICA_OFFSET, self.first + BLOCK - 1


def choose(preferred: int | None = None, *, without: int = 0) -> Ports:
    """A free block `without` the marketplace's own port in it; the `preferred` one if it still is.

    Raises `PortError` when every block had a port in use.
    """
    starts = range(LOWEST, HIGHEST - BLOCK, BLOCK)
    candidates = random.sample(starts, k=len(starts))
    for first in [preferred, *candidates] if preferred else candidates:
        block = range(first, first + BLOCK)
        if without not in block and all(is_free("127.0.0.1", port) for port in block):
            return Ports(first)
    raise PortError(
        f"No {BLOCK} free ports in a row between {LOWEST} and {HIGHEST}.",
        "End the programs that hold ports there.",
    )


def is_free(host: str, port: int) -> bool:
    """Whether a server could listen on `host`:`port` now."""
    return _obstacle(host, port) is None


def demand_free(host: str, port: int) -> None:
    """Refuse to start where nobody can listen. Raises `PortError` that says why, and names who has the port."""
    obstacle = _obstacle(host, port)
    if obstacle is None:
        return
    mend = "Choose another with BOXOFFICE_PORT (or --port), or end that process."
    match obstacle.errno:
        case errno.EADDRINUSE:
            sentence = f"is taken{_by_whom(port)}"
        case errno.EACCES:
            sentence, mend = "is not for this user", "Choose one from 1024 on with BOXOFFICE_PORT (or --port)."
        case _:
            sentence = f"cannot be used ({obstacle.strerror})"
            mend = "Choose an address of this machine with BOXOFFICE_HOST (or --host): 127.0.0.1, or 0.0.0.0 for all."
    raise PortError(f"Port {port} on {host} {sentence}.", mend)


def _obstacle(host: str, port: int) -> OSError | None:
    """What keeps a server from listening there; a host that nobody knows too."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as error:
        return error
    return None


def _by_whom(port: int) -> str:
    with contextlib.suppress(psutil.Error):
        for connection in psutil.net_connections("tcp"):
            listening = connection.status == psutil.CONN_LISTEN and getattr(connection.laddr, "port", None) == port
            if listening and connection.pid:
                return f" by process {connection.pid} ({psutil.Process(connection.pid).name()})"
    return ""
