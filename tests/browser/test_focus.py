"""Pages that change by themselves take nothing away from whoever is in the middle of something."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, paid, reserved
from tests.integration.office import Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

RECORD_WORDS = """() => {
  window.words = [];
  const heard = new MutationObserver(() => window.words.push(document.getElementById("status").textContent));
  heard.observe(document.getElementById("status"), { childList: true, characterData: true, subtree: true });
}"""


def focus(page: Page, selector: str) -> None:
    page.locator(selector).focus()
    expect(page.locator(selector)).to_be_focused()


def test_the_focus_stays_while_the_rows_around_it_are_fetched_anew(office: Office, invite: Invite) -> None:
    # Given a seller with a sale to refund and a ticket that somebody else wants,
    ada, eve = invite(office), invite(office)
    sold, free = listed(office, seller=ada.user_id), listed(office, seller=ada.user_id)
    order_id = paid(eve, sold)
    page = ada.goto("/listings")
    listing = page.get_by_role("listitem").filter(has_text=free.title)
    page.get_by_text("Refund …").click()

    # when the page changes, then the focus is where it was: on a title, on what opens, on a button in what is open.
    for selector in (f"#ticket-{sold.id}", f"#open-{order_id}", f"#give-{order_id}"):
        focus(page, selector)
        other = reserved(eve, free)
        expect(listing).to_contain_text("The buyer can pay until")
        expect(page.locator(selector)).to_be_focused()
        assert eve.client.delete(f"/api/orders/{other}").status_code == 204
        expect(listing).to_contain_text("On sale")
        expect(page.locator(selector)).to_be_focused()


def test_the_focus_stays_on_an_order_among_others(office: Office, invite: Invite) -> None:
    eve = invite(office)
    order_id = reserved(eve, listed(office))
    page = eve.goto("/orders")
    focus(page, f"#order-{order_id}")

    reserved(eve, listed(office))

    expect(page.get_by_role("listitem")).to_have_count(2)
    expect(page.locator(f"#order-{order_id}")).to_be_focused()


def test_where_the_focus_is_gone_it_stays_in_the_content(office: Office, invite: Invite) -> None:
    eve = invite(office)
    order_id = reserved(eve, listed(office))
    page = eve.goto(f"/orders/{order_id}")
    focus(page, "#pay")

    assert eve.client.delete(f"/api/orders/{order_id}").status_code == 204

    expect(page.get_by_text("You gave the ticket back")).to_be_visible()
    expect(page.locator("main")).to_be_focused()


def test_the_focus_stays_in_the_content_when_a_button_goes(office: Office, invite: Invite) -> None:
    eve, holder, ticket = invite(office), invite(office), listed(office)
    page = eve.goto(ticket.path)
    focus(page, "#reserve")

    reserved(holder, ticket)

    expect(page.get_by_role("button", name="Reserve for")).to_be_hidden()
    expect(page.locator("main")).to_be_focused()


def test_what_is_typed_stays_when_the_page_comes_back(office: Office, invite: Invite) -> None:
    # Given somebody who types while the page is on its way anew,
    eve, ticket = invite(office), listed(office)
    page = eve.goto(ticket.search)
    page.get_by_label("Search").fill("opera at the h")
    page.get_by_label("Sort").select_option("cheapest")
    page.get_by_label("Only what is on sale").check()
    page.get_by_label("Search").focus()
    page.locator("main").evaluate("main => { main.dataset.old = ''; }")

    # when it is there, as after a while in which it was not shown,
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("main")).not_to_have_attribute("data-old", "")

    # then they go on typing.
    page.keyboard.type("arbour")
    expect(page.get_by_label("Search")).to_have_value("opera at the harbour")
    expect(page.get_by_label("Sort")).to_have_value("cheapest")
    expect(page.get_by_label("Only what is on sale")).to_be_checked()


def test_a_mistake_has_the_focus(office: Office, invite: Invite) -> None:
    ada = invite(office)
    ada.expects("400 POST /sell")
    page = ada.goto("/sell")
    page.get_by_label("What is it for?").fill("Opera")
    page.get_by_label("Price in US dollars").fill("much")

    ada.press("Put it on sale")

    expect(page.get_by_label("Price in US dollars")).to_be_focused()


def test_a_line_is_announced_once_and_counted_in_silence(office: Office, invite: Invite) -> None:
    # Given somebody in line, on a clock of ours,
    eve, ticket = invite(office), listed(office)
    eve.expects("503 POST /orders")
    eve.page.clock.install()
    page = eve.goto(ticket.path)
    page.route("**/orders", lambda route: route.fulfill(status=503, headers={"Retry-After": "30"}))
    page.evaluate(RECORD_WORDS)
    eve.press("Reserve for")
    line = page.locator("#line [data-line]")
    expect(line).to_contain_text("You are in line. Trying again in")

    # when seconds pass, then they are shown and not read out: what is read out is that there is a line.
    page.clock.run_for(5_000)
    expect(line).to_contain_text(re.compile(r"in (1\d|2[0-5]) seconds"))
    said = [each for each in page.evaluate("words") if "in line" in each]
    assert said == ["You are in line. Trying again in 30 seconds."]
    assert page.locator("#line").get_attribute("role") is None
