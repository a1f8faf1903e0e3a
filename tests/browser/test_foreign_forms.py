"""Another web site cannot act for somebody who is signed in here."""

from collections.abc import Iterator
from contextlib import contextmanager
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, orders_of, reserved
from tests.browser.somebody import Somebody
from tests.integration.office import Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


@contextmanager
def foreign_page(html: str) -> Iterator[int]:
    """A web site with one page; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join(10)


def form_to(address: str, **fields: str) -> str:
    """A page that sends a form as soon as it is open."""
    inputs = "".join(f'<input name="{name}" value="{escape(value)}">' for name, value in fields.items())
    return f'<form method="post" action="{address}">{inputs}</form><script>document.forms[0].submit()</script>'


def lure(victim: Somebody, host: str, html: str) -> None:
    """Bring somebody to a page of another site, and wait for where it takes them."""
    with foreign_page(html) as port:
        victim.page.goto(f"http://{host}:{port}/")
        victim.page.wait_for_url(f"{victim.office.url}/**")


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"], ids=["another site", "another port"])
def test_a_form_of_another_site_does_nothing(office: Office, invite: Invite, host: str) -> None:
    # Given somebody with an order, and a site that sends forms in their name, a token it made up included.
    eve, ticket, wanted = invite(office), listed(office), listed(office)
    order_id = reserved(eve, ticket)
    eve.goto("/")
    eve.expects("403 POST /")

    # Whatever it sends is refused, in words,
    for path in ("/orders", "/sell", "/signin", "/signout", "/language", f"/orders/{order_id}/cancel"):
        lure(eve, host, form_to(office.url + path, ticketId=wanted.id, csrf="0" * 64, title="Mine", price="1"))
        expect(eve.page.get_by_role("heading", name="That did not work")).to_be_visible()

    # and nothing has happened: still signed in, one order, which is open.
    assert orders_of(eve) == 1
    eve.goto(f"/orders/{order_id}")
    expect(eve.page.get_by_role("button", name="Pay $19.99")).to_be_visible()
    assert office.mongo.tickets.count_documents({"userId": eve.user_id}) == 0


def test_pages_may_not_be_framed(office: Office, invite: Invite) -> None:
    eve, ticket = invite(office), listed(office)
    eve.expects("frame-ancestors", "X-Frame-Options", "net::ERR_BLOCKED_BY_RESPONSE")
    with foreign_page(f'<iframe src="{office.url}{ticket.path}"></iframe>') as port:
        eve.page.goto(f"http://127.0.0.1:{port}/")
        frame = eve.page.frame_locator("iframe")
        expect(frame.get_by_role("button", name="Reserve for")).to_have_count(0)
    assert any("frame" in each.lower() for each in eve.troubles), "the browser says that it refuses"
