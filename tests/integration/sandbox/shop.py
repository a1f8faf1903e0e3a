"""A receiver of webhooks on this machine."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import stripe

from tests.waiting import wait_for

SECRET = "whsec_of_the_tests"
PAID = ["payment_intent.created", "charge.succeeded", "payment_intent.succeeded"]
"""What a payment tells."""


class Shop:
    """A receiver of webhooks on this machine: verifies each and answers as it is told."""

    def __init__(self) -> None:
        self.secret = SECRET
        self.got: list[Any] = []
        self.attempts = 0
        self.answers: list[int] = []
        """The status codes of the next answers; 200 when it is empty."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/webhook"

    def _handler(shop: "Shop") -> type[BaseHTTPRequestHandler]:  # noqa: N805  the handler has the other self
        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                shop.attempts += 1
                status = shop.answers.pop(0) if shop.answers else 200
                if status == 200:
                    shop.got.append(stripe.Webhook.construct_event(body, self.headers["stripe-signature"], shop.secret))
                self.send_response(status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler

    def types(self) -> list[str]:
        return [event.type for event in self.got]

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()


def got(shop: Shop, count: int) -> list[Any]:
    wait_for(f"{count} verified deliveries", lambda: len(shop.got) >= count, 15)
    assert len(shop.got) == count, shop.types()
    return shop.got


def events_of(api: Any, object_id: str) -> list[Any]:
    """What happened to an object and what belongs to it, oldest first."""
    found = api.events.list({"limit": 100}).data[::-1]
    of = lambda one: (one.data.object["id"], one.data.object.to_dict().get("payment_intent"))  # noqa: E731
    return [event for event in found if object_id in of(event)]


def types_of(api: Any, object_id: str) -> list[str]:
    return [event.type for event in events_of(api, object_id)]
