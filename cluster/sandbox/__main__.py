"""Start the sandbox: `python -m cluster.sandbox --port 12111 --data sandbox.sqlite3`."""

import argparse
import os
import signal
import socket
import sys
from pathlib import Path

import uvicorn

from cluster.sandbox.app import make_app
from cluster.sandbox.endpoints import webhook_endpoints
from cluster.sandbox.errors import ApiError
from cluster.sandbox.service import Service
from cluster.sandbox.store import Store
from cluster.sandbox.webhooks import SECRET_PREFIX

HOST = "127.0.0.1"
"""Loopback only: anyone who reaches the sandbox can pretend to pay."""

SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"
BACKLOG = 1024
GOODBYE_S = 5
"""How long running requests may take to end after SIGTERM, in seconds."""


def main() -> None:
    """Serve until SIGTERM or SIGINT, then end with status 0."""
    given = _arguments()
    service = Service(Store(given.data))
    _set_webhook(service, given.webhook_url, given.webhook_secret)
    listener = socket.create_server((HOST, given.port), backlog=BACKLOG)
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


def _set_webhook(service: Service, url: str | None, secret: str) -> None:
    """Deliver every event to `url`; end with one sentence when that cannot be."""
    if url is not None and not secret.startswith(SECRET_PREFIX):
        sys.exit(f"--webhook-url needs a secret that begins with {SECRET_PREFIX}: set {SECRET_VARIABLE}.")
    with service.store.transaction() as tx:
        try:
            webhook_endpoints.set_command_line(service.call(tx), url, secret)
        except ApiError as refusal:
            sys.exit(refusal.message)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m cluster.sandbox", description="A stand-in for Stripe's servers.")
    parser.add_argument("--port", type=int, default=12111, help="port on 127.0.0.1; 0 picks a free one")
    parser.add_argument("--data", type=Path, default=Path("sandbox.sqlite3"), help="the SQLite file to keep state in")
    parser.add_argument("--webhook-url", help="an address on this machine that gets every event")
    parser.add_argument(
        "--webhook-secret",
        default=os.environ.get(SECRET_VARIABLE, ""),
        help=f"signs them; prefer the environment's {SECRET_VARIABLE}, which other users of this machine cannot see",
    )
    return parser.parse_args()


if __name__ == "__main__":
    main()
