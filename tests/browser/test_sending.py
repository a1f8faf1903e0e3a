"""Pressing a button acts once, whatever the finger, the network and the crowd do."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from playwright.sync_api import Route, expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, orders_of
from tests.integration.office import Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_a_double_click_is_one_order(office: Office, invite: Invite, scripts: bool) -> None:
    eve, ticket = invite(office, java_script_enabled=scripts), listed(office)
    page = eve.goto(ticket.path)

    page.get_by_role("button", name="Reserve for").dblclick()

    # Not a navigation: without scripts the second click ends that of the first.
    expect(page).to_have_url(re.compile("/orders/"))
    expect(page.get_by_role("heading", name=ticket.title)).to_be_visible()
    assert orders_of(eve) == 1


def test_reload_and_back_are_safe(office: Office, invite: Invite) -> None:
    # Given somebody who has just reserved,
    eve, ticket = invite(office), listed(office)
    page = eve.goto(ticket.path)
    eve.press("Reserve for")
    page.wait_for_url("**/orders/*")

    # when they load the page again, then it is the same order;
    page.reload()
    expect(page.get_by_role("timer")).to_be_visible()

    # and when they go back, then the ticket's page knows that it is theirs.
    page.go_back()
    page.get_by_role("link", name="Go to your order").click()
    expect(page.get_by_role("timer")).to_be_visible()
    assert orders_of(eve) == 1


def busy(route: Route) -> None:
    """What a full office answers."""
    route.fulfill(status=503, headers={"Retry-After": "1"}, content_type="text/html", body="<main id=main></main>")


def broken(route: Route) -> None:
    """A network that fails before an answer is there."""
    route.abort("connectionreset")


def executed_but_unheard(route: Route) -> None:
    """The office acts, and its answer is lost on the way."""
    route.fetch(max_redirects=0)
    route.abort("connectionreset")


@pytest.mark.parametrize("fault", [busy, broken, executed_but_unheard])
def test_who_cannot_be_served_stands_in_line_and_is_served(
    office: Office, invite: Invite, fault: Callable[[Route], None]
) -> None:
    # Given an office that serves only at the third time of asking.
    eve, ticket = invite(office), listed(office)
    eve.expects("503 POST /orders", "net::ERR_CONNECTION_RESET POST /orders")
    keys: list[str] = []

    def served_at_last(route: Route) -> None:
        keys.append(parse_qs(route.request.post_data or "")["key"][0])
        fault(route) if len(keys) <= 2 else route.continue_()

    page = eve.goto(ticket.path)
    page.route("**/orders", served_at_last)

    # When somebody presses once,
    eve.press("Reserve for")

    # then they are told that they stand in line, and have their order without doing anything.
    expect(page.locator("#line")).to_contain_text("You are in line")
    page.wait_for_url("**/orders/*")
    assert orders_of(eve) == 1
    assert len(keys) == 3
    assert len(set(keys)) == 1, "a repetition is known by its key"


def test_who_does_not_want_to_wait_may_leave_the_line(office: Office, invite: Invite) -> None:
    eve, ticket = invite(office), listed(office)
    eve.expects("503 POST /orders")
    page = eve.goto(ticket.path)
    page.route("**/orders", busy)
    eve.press("Reserve for")
    expect(page.locator("#line")).to_be_visible()

    page.get_by_role("button", name="Stop waiting").click()

    expect(page.locator("#line")).to_be_hidden()
    expect(page.get_by_role("button", name="Reserve for")).to_be_enabled()
    assert orders_of(eve) == 0


def test_who_sends_another_form_waits_for_that_one_alone(office: Office, invite: Invite) -> None:
    # Given somebody in line for a ticket, on a clock of ours, who then wants something else,
    eve, ticket = invite(office), listed(office)
    eve.expects("503 POST /(orders|language)")
    eve.page.clock.install()
    page = eve.goto(ticket.path)
    sent: list[str] = []

    def full(route: Route) -> None:
        sent.append(route.request.url.rpartition("/")[2])
        busy(route)

    page.route("**/orders", full)
    page.route("**/language", full)
    eve.press("Reserve for")
    expect(page.locator("#line")).to_be_visible()
    with page.expect_response("**/language"):
        page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("#line")).to_be_visible()

    # when they stop waiting, then nothing is sent any more, however long they stay.
    page.get_by_role("button", name="Stop waiting").click()
    expect(page.locator("#line")).to_be_hidden()
    before = list(sent)
    page.clock.run_for(60_000)
    expect(page.get_by_role("button", name="Reserve for")).to_be_enabled()
    assert sent == before
    assert set(sent) == {"orders", "language"}
    expect(page.locator("#line")).to_be_hidden()


@pytest.mark.parametrize("status", [413, 404])
def test_an_answer_that_is_no_page_of_ours_is_not_met_with_silence(office: Office, invite: Invite, status: int) -> None:
    eve, ticket = invite(office), listed(office)
    eve.expects(f"{status} POST /orders")
    page = eve.goto(ticket.path)
    page.route("**/orders", lambda route: route.fulfill(status=status, content_type="text/plain", body="no"))

    eve.press("Reserve for")

    expect(page.get_by_text("No answer came")).to_be_visible()
    expect(page.get_by_role("button", name="Reserve for")).to_be_enabled()
