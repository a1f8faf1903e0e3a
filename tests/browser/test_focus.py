"""Pages that change by themselves take nothing away from whoever is in the middle of something."""

import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, paid, reserved
from tests.integration.office import Office
from tests.waiting import wait_for

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


def test_what_is_not_typed_is_as_it_is_now_when_the_page_comes_back(office: Office, invite: Invite) -> None:
    # Given a seller who has typed a title, and changed the price elsewhere,
    ada = invite(office)
    ticket = listed(office, price="10", seller=ada.user_id)
    page = ada.goto(f"{ticket.path}/edit")
    page.get_by_label("What is it for?").fill("Opera, row 2")
    body = {"title": ticket.title, "price": "500"}
    ada.client.put(f"/api/tickets/{ticket.id}", json=body).raise_for_status()

    # when they come back to the page, then the old price is not put in it.
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.get_by_label("Price in US dollars")).to_have_value("500.00")
    expect(page.get_by_label("What is it for?")).to_have_value("Opera, row 2")


def unsettled(route: Route) -> None:
    """A page that looks again every ten seconds."""
    answer = route.fetch()
    body = answer.text().replace("data-refresh", 'data-refresh data-unsettled="10"')
    route.fulfill(response=answer, body=body)


def test_what_has_not_changed_stays_where_it_is(office: Office, invite: Invite) -> None:
    # Given somebody who has marked a word on a page that looks again and again,
    eve, ticket = invite(office), listed(office)
    reserved(eve, ticket)
    page = eve.page
    page.clock.install()
    page.route("**/orders", unsettled)
    eve.goto("/orders")
    page.get_by_role("heading", name=ticket.title).evaluate("title => getSelection().selectAllChildren(title)")
    looks: list[str] = []
    page.on("response", lambda response: looks.append(response.url) if response.url.endswith("/orders") else None)

    # when it has looked, and found nothing new, then the word is marked still.
    wait_for("three looks", lambda: page.clock.run_for(1_000) or len(looks) >= 3)
    assert page.evaluate("String(getSelection())").strip() == ticket.title

    # What is new is shown all the same.
    reserved(eve, listed(office))
    expect(page.get_by_role("listitem")).to_have_count(2)


LOOKED_AT = """(isLookedAt) => {
  Object.defineProperty(document, "hidden", { value: !isLookedAt, configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""


def test_a_page_that_nobody_looks_at_does_not_look_again(office: Office, invite: Invite) -> None:
    # Given a page that looks again and again, until nobody sees it,
    eve = invite(office)
    reserved(eve, listed(office))
    page = eve.page
    page.clock.install()
    page.route("**/orders", unsettled)
    eve.goto("/orders")
    looks: list[str] = []
    page.on("request", lambda request: looks.append(request.url) if request.url.endswith("/orders") else None)
    page.evaluate(LOOKED_AT, False)

    # when time passes, then nothing is asked for,
    page.clock.run_for(60_000)
    assert looks == []

    # and when somebody looks, then it goes on.
    page.evaluate(LOOKED_AT, True)
    wait_for("a look", lambda: page.clock.run_for(1_000) or looks)
    page.unroute_all(behavior="wait")


def test_a_list_shows_what_was_listed_in_another_tab(office: Office, invite: Invite) -> None:
    # Given a seller who has listed nothing, and leaves the page that says so, and since when, for another tab,
    ada = invite(office)
    wait_for("a page that knows its time", lambda: ada.goto("/listings").locator('main:not([data-since=""])').count())
    page = ada.page
    expect(page.get_by_text("You have listed nothing yet")).to_be_visible()
    page.evaluate(LOOKED_AT, False)

    # when they list a ticket there and come back, then they see it.
    other = page.context.new_page()
    other.goto(f"{office.url}/sell")
    other.get_by_label("What is it for?").fill("Opera")
    other.get_by_label("Price in US dollars").fill("20")
    other.get_by_role("button", name="Put it on sale").click()
    expect(other.get_by_role("heading", name="Opera")).to_be_visible()
    page.evaluate(LOOKED_AT, True)
    expect(page.get_by_role("heading", name="Opera")).to_be_visible()


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
    assert page.evaluate("words.at(-1)") == said[0], "nothing talks over it"
    assert page.locator("#line").get_attribute("role") is None
