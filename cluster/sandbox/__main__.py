"""Start the sandbox: `python -m cluster.sandbox --port 12111 --data sandbox.sqlite3`."""

import argparse
import signal
import socket
from pathlib import Path

import uvicorn

from cluster.sandbox.app import make_app
from cluster.sandbox.service import Service
from cluster.sandbox.store import Store

HOST = "127.0.0.1"
"""Loopback only: anyone who reaches the sandbox can pretend to pay."""

BACKLOG = 1024
GOODBYE_S = 5
"""How long running requests may take to end after SIGTERM, in seconds."""


def main() -> None:
    """Serve until SIGTERM or SIGINT, then end with status 0."""
    given = _arguments()
    listener = socket.create_server((HOST, given.port), backlog=BACKLOG)
    service = Service(Store(given.data))
    server = uvicorn.Server(
        uvicorn.Config(make_app(service), log_level="warning", access_log=False, timeout_graceful_shutdown=GOODBYE_S)
    )
    # For signals before the server catches them, and after it, when it raises those it caught once more.
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: setattr(server, "should_exit", True))
    port = listener.getsockname()[1]
    print(f"Stripe sandbox (no real money) listens on http://{HOST}:{port}", flush=True)  # noqa: T201
    server.run(sockets=[listener])
    service.close()


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cluster.sandbox", description="A stand-in for Stripe's servers.")
    parser.add_argument("--port", type=int, default=12111, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--data", type=Path, default=Path("sandbox.sqlite3"), help="the SQLite file to keep state in")
    return parser.parse_args()


if __name__ == "__main__":
    main()
