"""`kill -9` of what open pages hang on: they come back by themselves, and miss nothing."""

from collections.abc import Callable

import psutil
import pytest

from tests.chaos.persistent import ask, eventually
from tests.chaos.victims import kill, mongod, titled
from tests.integration.crowd import list_tickets
from tests.integration.listening import Page, listening
from tests.integration.office import Office
from tests.waiting import wait_for


def replica(office: Office) -> psutil.Process:
    """One of the two that pages are spread over."""
    return titled(office, "ray::ServeReplica")[0]


@pytest.mark.parametrize(("find", "hangs_up"), [(mongod, False), (replica, True)], ids=["mongod", "replica"])
def test_pages_go_on_and_miss_nothing(office: Office, find: Callable[[Office], psutil.Process], hangs_up: bool) -> None:
    # Given pages that have heard all there is to hear,
    with listening(office) as a, listening(office) as b, listening(office) as c, listening(office) as d:
        pages = (a, b, c, d)
        before = list_tickets(office, 10)
        wait_for_all(pages, before)

        # when somebody dies whom they hang on, and takes the connections of his pages with him,
        kill(find(office))
        meanwhile = list_tickets(office, 10)
        if hangs_up:
            wait_for("a page that had to come back", lambda: any(len(page.told("hello")) > 1 for page in pages))

        # then every page hears of the next change, and of each before it once, be it from while it was away.
        with office.person() as seller:
            ticket = eventually(lambda: ask(seller, "/api/tickets", {"title": "seat", "price": 1}, "sell"), "a listing")
        wait_for_all(pages, [*before, *meanwhile, str(ticket["id"])])
        for page in pages:
            assert page.told("reset") == []
            assert all(len(page.told("ticket", id=each, version=0)) == 1 for each in [*before, *meanwhile])


def wait_for_all(pages: tuple[Page, ...], ticket_ids: list[str]) -> None:
    """Until every page has heard of every ticket."""
    wanted = set(ticket_ids)
    wait_for(
        "all tickets on all pages",
        lambda: all(wanted <= {each.data["id"] for each in page.told("ticket")} for page in pages),
        deadline_s=90,
    )
