"""Pages are light: one document, one stylesheet, one script, and the last two only once."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request

from tests.browser.conftest import Invite
from tests.browser.shop import listed, paid, reserved
from tests.browser.somebody import Somebody
from tests.integration.office import Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

HTML_MAX = 60_000
"""Bytes of a page, uncompressed."""

TITLE_MAX, TICKETS_ON_A_PAGE = 200, 30

TRANSFERRED = """() => performance.getEntriesByType("resource")
  .filter((each) => each.name.includes("/static/")).map((each) => each.transferSize)"""


def asked_for(somebody: Somebody, path: str) -> list[str]:
    """What the browser needs to show `path`; the live stream and the icon, which is in the page, aside."""
    seen: list[str] = []

    def see(request: Request) -> None:
        if not request.url.startswith("data:") and urlsplit(request.url).path != "/api/stream":
            seen.append(request.resource_type)

    somebody.page.on("request", see)
    somebody.goto(path)
    somebody.page.remove_listener("request", see)
    return sorted(seen)


def test_a_page_needs_three_things_and_the_next_page_only_itself(office: Office, invite: Invite) -> None:
    eve, ticket = invite(office), listed(office)
    order_id = reserved(eve, ticket)

    with eve.page.expect_response("**/static/*.css") as stylesheet:
        assert asked_for(eve, ticket.path) == ["document", "script", "stylesheet"]

    assert "immutable" in stylesheet.value.headers["cache-control"]
    for path in ("/", f"/orders/{order_id}", "/orders", "/listings", "/sell"):
        assert asked_for(eve, path).count("document") == 1
        assert eve.page.evaluate(TRANSFERRED) == [0, 0], f"{path} gets its files from the browser's own store"


def test_pages_with_the_longest_of_everything_are_light(office: Office, invite: Invite) -> None:
    # Given a full page of tickets whose titles take the most room there is.
    ada, eve = invite(office), invite(office)
    longest = {"title": "&" * TITLE_MAX, "price": "999999.99"}
    made = [ada.client.post("/api/tickets", json=longest).raise_for_status() for _ in range(TICKETS_ON_A_PAGE)]
    order_id = paid(eve, listed(office))

    for somebody, path in (
        (ada, "/"),
        (ada, "/listings"),
        (ada, f"/tickets/{made[0].json()['id']}"),
        (eve, f"/orders/{order_id}"),
        (eve, "/orders"),
    ):
        page = somebody.client.get(path, headers={"Accept-Language": "de"}).raise_for_status()
        assert len(page.content) < HTML_MAX, f"{path} weighs {len(page.content)} bytes"
