"""Pages change as the world does, without being loaded again."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from bson import ObjectId
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, orders_of, reserved
from tests.chaos.victims import supervisor
from tests.integration.office import Office
from tests.waiting import wait_for

shared_office = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")
hasty_office = pytest.mark.parametrize("office", ["hasty"], indirect=True, scope="session")

WHEN_RESERVED = """() => {
  // Of the whole page: it may put a fresher one of itself in its place.
  const changed = new MutationObserver(() => {
    if (document.querySelector("main [data-ticket][data-state=reserved]")) window.reservedAt ??= Date.now();
  });
  changed.observe(document.body, { subtree: true, childList: true, attributeFilter: ["data-state"] });
}"""

RECORD_NEWS = """() => {
  const listen = EventSource.prototype.addEventListener;
  EventSource.prototype.addEventListener = function (name, hear) {
    return listen.call(this, name, (event) => { hear(event); (window.heardOf ??= []).push(name); });
  };
}"""

PRESS_AT = """(at) => {
  const press = () => document.querySelector("main form button").click();
  setTimeout(press, at - Date.now());
}"""

RECORD_TIMES = """() => {
  window.times = [];
  setInterval(() => {
    const time = document.querySelector("[role=timer]")?.textContent;
    if (time && time !== times.at(-1)) times.push(time);
  }, 100);
}"""
RECORD_HIGHLIGHTS = """() => {
  window.highlighted = [];
  addEventListener("animationstart", (event) => highlighted.push(event.target.tagName));
}"""

HEAD_START_S = 0.5
"""Until both press. One finger after the other is no race: the second would see its button go."""


def state_on(page: Page, ticket_id: str, state: str) -> None:
    """Wait until the page shows the ticket like this."""
    expect(page.locator(f'main [data-ticket="{ticket_id}"]')).to_have_attribute("data-state", state)


@shared_office
def test_two_race_for_one_ticket_and_a_third_sees_it_go_and_come_back(office: Office, invite: Invite) -> None:
    # Given two who look at a ticket, and a third with the list open.
    ticket = listed(office)
    racers = [invite(office), invite(office)]
    watcher = invite(office, signed_in=False)
    watcher.goto(ticket.search)
    watcher.page.evaluate(WHEN_RESERVED)
    watcher.stay_on_this_page()
    for racer in racers:
        racer.expects("409 POST /orders")
        racer.goto(ticket.path)

    # When both press at once,
    pressed = time.time() + HEAD_START_S
    for racer in racers:
        racer.page.evaluate(PRESS_AT, pressed * 1000)

    # then one has an order, and the other hears kind words and sees what is left.
    for racer in racers:
        expect(racer.page.get_by_role("timer").or_(racer.page.get_by_role("alert"))).to_be_visible()
    winner, loser = sorted(racers, key=lambda racer: "/orders/" not in racer.page.url)
    expect(winner.page.get_by_role("timer")).to_have_text(re.compile(r"^1[45]:\d\d$"))
    expect(loser.page.get_by_role("heading", name="Somebody was quicker")).to_be_visible()
    expect(loser.page.get_by_role("alert")).to_contain_text("You have not been charged")
    assert [orders_of(winner), orders_of(loser)] == [1, 0]

    # The list of the third turns grey by itself,
    state_on(watcher.page, ticket.id, "reserved")
    expect(watcher.page.get_by_role("listitem")).to_contain_text("Reserved")
    print(f"\nfrom the press to the grey list: {watcher.page.evaluate('window.reservedAt') / 1000 - pressed:.2f} s")

    # and as soon as the winner gives it back, it is on sale there again.
    winner.press("Give the ticket back")
    expect(winner.page.get_by_text("You gave the ticket back")).to_be_visible()
    state_on(watcher.page, ticket.id, "available")
    assert watcher.is_still_here()
    # Whoever came too late hears of it too.
    loser.page.get_by_role("link", name="See the ticket").click()
    expect(loser.page.get_by_role("button", name="Reserve for")).to_be_visible()


@shared_office
def test_who_signs_out_or_changes_the_language_elsewhere_sees_no_page_of_two_halves(
    office: Office, invite: Invite
) -> None:
    # Given an order that is open, and its buyer, who changes the language in another tab,
    eve, ticket = invite(office), listed(office)
    order_id = reserved(eve, ticket)
    page, other = eve.goto(f"/orders/{order_id}"), eve.context.new_page()
    other.goto(f"{office.url}/sell")
    other.get_by_role("button", name="Deutsch").click()
    expect(other.locator("html")).to_have_attribute("lang", "de")

    # when the order changes, then all of the page is in the new language.
    assert eve.client.delete(f"/api/orders/{order_id}").status_code == 204
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("link", name="Verkaufen")).to_be_visible()

    # And who has signed out elsewhere is asked to sign in, as somebody who is not.
    order_id = reserved(eve, ticket)
    page.goto(f"{office.url}/orders/{order_id}")
    other.goto(f"{office.url}/")
    other.get_by_role("button", name="Abmelden").click()
    expect(other.get_by_role("button", name="Abmelden")).to_be_hidden()
    assert eve.client.delete(f"/api/orders/{order_id}").status_code == 204
    page.wait_for_url("**/signin?next=*")
    expect(page.get_by_role("button", name="Abmelden")).to_be_hidden()


@shared_office
def test_the_head_of_a_page_names_whose_content_is_below(office: Office, invite: Invite) -> None:
    # Given somebody's orders, and somebody else who signs in in another tab,
    eve, bob = invite(office), ObjectId()
    page = eve.goto("/orders")
    expect(page.locator("header .email")).to_have_text(f"{eve.user_id}@example.com")
    eve.take_session(office.session(bob))

    # when the page is looked at again, then all of it is of who is signed in now.
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("header .email")).to_have_text(f"{bob}@example.com")

    # And where a session ends while a ticket is written, then it names nobody, and what was written is still there.
    eve.expects("401 POST /sell")
    eve.goto("/sell")
    page.get_by_label("What is it for?").fill("Opera")
    page.get_by_label("Price in US dollars").fill("20")
    eve.context.clear_cookies(name="session")
    eve.press("Put it on sale")
    expect(page.get_by_role("alert")).to_contain_text("You are no longer signed in")
    expect(page.get_by_role("button", name="Sign out")).to_have_count(0)
    expect(page.get_by_role("banner").get_by_role("link", name="Sign in")).to_be_visible()
    expect(page.get_by_label("What is it for?")).to_have_value("Opera")


@shared_office
def test_who_waits_at_a_ticket_is_told_and_can_have_it_at_once(office: Office, invite: Invite) -> None:
    # Given a ticket that somebody holds, and somebody else who looks at it.
    holder, eve, ticket = invite(office), invite(office), listed(office)
    order_id = reserved(holder, ticket)
    page = eve.goto(ticket.path)
    expect(page.get_by_text("Somebody holds this ticket")).to_be_visible()
    expect(page.get_by_role("button", name="Reserve for")).to_be_hidden()

    # When it is given back,
    assert holder.client.delete(f"/api/orders/{order_id}").status_code == 204

    # then it is said aloud, and reserving takes one press on the same page.
    expect(page.locator("#status")).to_have_text("This ticket is on sale again.")
    eve.press("Reserve for")
    page.wait_for_url("**/orders/*")


@shared_office
def test_who_gets_the_ticket_is_not_told_that_somebody_took_it(office: Office, invite: Invite) -> None:
    # Given somebody at a ticket, and orders that are slow to come about: the stream overtakes the answer.
    eve, ticket = invite(office), listed(office)
    eve.expects("503 POST /orders")  # where that takes longer than an answer may
    page = eve.page
    page.add_init_script(f"({RECORD_NEWS})()")
    eve.goto(ticket.path)
    orders = supervisor(office, "orders")
    orders.suspend()
    try:
        # When they reserve, and their page hears that the ticket is held,
        eve.press("Reserve for")
        wait_for("the news on their page", lambda: page.evaluate("window.heardOf?.includes('ticket') ?? false"))

        # then that is not said to the one who holds it,
        expect(page.get_by_role("button", name="One moment …")).to_be_visible()
        expect(page.get_by_text("Somebody holds this ticket")).to_be_hidden()
        expect(page.locator("#status")).not_to_contain_text("Somebody")
    finally:
        orders.resume()

    # and the order is theirs.
    page.wait_for_url("**/orders/*")


@shared_office
def test_an_answer_is_not_replaced_by_what_was_fetched_before_it(office: Office, invite: Invite) -> None:
    # Given an order page that fetches itself anew, which takes its time,
    eve, ticket = invite(office), listed(office)
    order_id = reserved(eve, ticket)
    eve.expects(f"409 POST /orders/{order_id}/pay")
    page = eve.goto(f"/orders/{order_id}")
    held: list[Route] = []
    page.route(f"**/orders/{order_id}", lambda route: held.append(route))  # noqa: PLW0108  it is marked by the driver
    declined = eve.client.post("/api/payments", json={"orderId": order_id, "token": "tok_chargeDeclined"})
    assert declined.status_code == 402
    wait_for("the page's question", lambda: page.evaluate("0") == 0 and held)
    before, now = held[0].fetch(), eve.client.get(f"/orders/{order_id}").text

    # when a form is answered meanwhile,
    refusal = now.replace("<article", '<div class="problems" role="alert" tabindex="-1">Not just now.</div><article', 1)
    answer = {"status": 409, "content_type": "text/html", "body": refusal}
    page.route(f"**/orders/{order_id}/pay", lambda route: route.fulfill(**answer))
    eve.press("Pay")
    expect(page.get_by_text("Not just now.")).to_be_focused()
    page.unroute(f"**/orders/{order_id}")

    # then that stays, whatever comes of the earlier question.
    with page.expect_response(f"**/orders/{order_id}"):
        held[0].fulfill(response=before)
    page.evaluate("() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    expect(page.get_by_text("Not just now.")).to_be_focused()


def held_back(route: Route, held: list[Route]) -> None:
    held.append(route)


@shared_office
@pytest.mark.parametrize("asked", ["before", "meanwhile"])
def test_a_form_that_is_sent_is_not_replaced(office: Office, invite: Invite, asked: str) -> None:
    # Given somebody who pays, which takes its time, on a page that is to be fetched anew, before or after the press,
    eve, ticket = invite(office), listed(office)
    order_id = reserved(eve, ticket)
    eve.expects(f"413 POST /orders/{order_id}/pay")
    page = eve.page
    page.add_init_script(f"({RECORD_NEWS})()")
    eve.goto(f"/orders/{order_id}")
    wait_for("the stream", lambda: page.evaluate("window.heardOf?.includes('hello') ?? false"))
    fetched: list[Route] = []
    sent: list[Route] = []
    page.route(f"**/orders/{order_id}", lambda route: held_back(route, fetched))
    page.route(f"**/orders/{order_id}/pay", lambda route: held_back(route, sent))

    def change() -> None:
        declined = {"orderId": order_id, "token": "tok_chargeDeclined"}
        assert eve.client.post("/api/payments", json=declined).status_code == 402
        wait_for("the news", lambda: page.evaluate("window.heardOf.includes('order')"))

    if asked == "before":
        change()
        wait_for("the page's question", lambda: page.evaluate("0") == 0 and fetched)
    eve.press("Pay")
    wait_for("the payment", lambda: page.evaluate("0") == 0 and sent)
    if asked == "meanwhile":
        change()

    # then its button stays as it is,
    page.unroute(f"**/orders/{order_id}")
    for each in fetched:
        each.continue_()
    page.evaluate("() => new Promise((done) => setTimeout(done, 1000))")
    expect(page.locator("#pay")).to_have_attribute("aria-disabled", "true")
    expect(page.get_by_text("did not go through")).to_have_count(0)

    # and the page changes afterwards.
    sent[0].fulfill(status=413, content_type="text/plain", body="no")
    expect(page.get_by_text("did not go through")).to_be_visible()
    expect(page.locator("#pay")).to_be_enabled()


@shared_office
def test_what_was_to_be_fetched_is_fetched_after_an_answer_that_is_no_page(office: Office, invite: Invite) -> None:
    # Given somebody who pays on a page that is to be fetched anew,
    eve = invite(office)
    order_id = reserved(eve, listed(office))
    eve.expects(f"413 POST /orders/{order_id}/pay")
    page = eve.goto(f"/orders/{order_id}")
    sent: list[Route] = []
    page.route(f"**/orders/{order_id}/pay", lambda route: held_back(route, sent))
    eve.press("Pay")
    wait_for("the payment", lambda: page.evaluate("0") == 0 and sent)
    page.locator("main").evaluate("main => { main.dataset.old = ''; }")
    page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")

    # when the answer is nothing that can be shown, then the page is fetched.
    sent[0].fulfill(status=413, content_type="text/plain", body="no")
    expect(page.locator("main")).not_to_have_attribute("data-old", "")


@shared_office
def test_a_seller_sees_until_when_the_buyer_can_pay_also_where_the_order_came_late(
    office: Office, invite: Invite
) -> None:
    # Given a seller who looks at their listings, and orders that are slow to come about.
    ada, eve = invite(office), invite(office)
    ticket = listed(office, seller=ada.user_id)
    page = ada.goto("/listings")
    listing = page.get_by_role("listitem").filter(has_text=ticket.title)
    ada.stay_on_this_page()
    orders = supervisor(office, "orders")
    with ThreadPoolExecutor(1) as pool:
        orders.suspend()
        try:
            # When the ticket is reserved, they see that, and not yet for how long,
            reserving = pool.submit(reserved, eve, ticket)
            expect(listing).to_contain_text("Reserved")
            expect(listing).to_have_attribute("data-unsettled", "1")
        finally:
            orders.resume()
        assert reserving.result()

    # and for how long as soon as there is an order, though nothing about the ticket changes any more.
    expect(listing).to_contain_text("The buyer can pay until")
    assert ada.is_still_here()


@hasty_office
def test_time_runs_out_on_every_page(office: Office, invite: Invite) -> None:
    # Given somebody who reserves and does not pay, and somebody else who waits for the ticket.
    slow, patient, ticket = invite(office), invite(office), listed(office)
    slow.goto(ticket.path)
    patient.goto(ticket.path)
    patient.stay_on_this_page()
    slow.press("Reserve for")
    slow.page.wait_for_url("**/orders/*")
    slow.stay_on_this_page()

    # While there is time, the seconds go by,
    slow.page.evaluate(RECORD_TIMES)
    expect(patient.page.get_by_text("Somebody holds this ticket")).to_be_visible()

    # and when there is none left both pages say so, by themselves.
    expect(slow.page.get_by_text("The order ended before it was paid")).to_be_visible()
    expect(slow.page.get_by_text("You have not been charged")).to_be_visible()
    expect(patient.page.get_by_role("button", name="Reserve for")).to_be_visible()
    times = slow.page.evaluate("times")
    assert times == sorted(times, reverse=True)
    assert 2 <= len(times) <= 9, times
    assert slow.is_still_here()
    assert patient.is_still_here()


@shared_office
def test_a_page_without_a_network_says_so_and_catches_up(office: Office, invite: Invite) -> None:
    # Given a list that is live, as a first change shows.
    holder, watcher, ticket = invite(office), invite(office), listed(office)
    page = watcher.goto(ticket.search)
    watcher.stay_on_this_page()
    order_id = reserved(holder, ticket)
    state_on(page, ticket.id, "reserved")

    # When the network is gone, the page says so, and does not hear what happens.
    watcher.set_offline(True)
    expect(page.get_by_text("The connection is lost")).to_be_visible()
    assert holder.client.delete(f"/api/orders/{order_id}").status_code == 204
    state_on(page, ticket.id, "reserved")

    # Back again, it has missed nothing.
    watcher.set_offline(False)
    state_on(page, ticket.id, "available")
    expect(page.get_by_text("The connection is lost")).to_be_hidden()
    assert watcher.is_still_here()


@shared_office
def test_a_stream_that_does_not_come_about_is_tried_until_it_does(office: Office, invite: Invite) -> None:
    # Given a page whose stream breaks whenever it begins,
    holder, watcher, ticket = invite(office), invite(office), listed(office)
    watcher.expects("net::ERR_CONNECTION_RESET GET /api/stream")
    watcher.page.route("**/api/stream?*", lambda route: route.abort("connectionreset"))
    page = watcher.goto(ticket.search)
    watcher.stay_on_this_page()
    expect(page.get_by_text("The connection is lost")).to_be_visible()

    # when a ticket is reserved meanwhile, and the stream works again,
    reserved(holder, ticket)
    page.unroute("**/api/stream?*")

    # then the page shows what happened since it was made.
    state_on(page, ticket.id, "reserved")
    expect(page.get_by_text("The connection is lost")).to_be_hidden()
    assert watcher.is_still_here()


@shared_office
def test_a_connection_that_died_without_a_word_is_made_anew(office: Office, invite: Invite) -> None:
    # Given a page that is live, on a clock of ours,
    watcher, ticket = invite(office, signed_in=False), listed(office)
    watcher.page.clock.install()
    with watcher.page.expect_request("**/api/stream?*"):
        watcher.goto(ticket.search)

    # when it hears nothing for longer than the server is ever silent, then it connects again.
    with watcher.page.expect_request("**/api/stream?*"):
        watcher.page.clock.fast_forward(60_000)


@shared_office
def test_a_page_that_never_comes_is_asked_for_again(office: Office, invite: Invite) -> None:
    # Given a page that is to be fetched anew over a connection that has died without a word, on a clock of ours,
    eve, silent = invite(office), threading.Event()
    eve.expects("net::ERR_ABORTED GET /orders")
    eve.page.clock.install()
    page = eve.goto("/orders")
    page.route("**/orders", lambda _: silent.set(), times=1)
    order_id = reserved(eve, listed(office))
    wait_for("the page to be asked for", lambda: page.wait_for_timeout(50) or silent.is_set())

    # when it has been waited for long enough, then it is asked for again.
    page.clock.run_for(30_000)
    expect(page.locator(f"#order-{order_id}")).to_be_visible()


def made(route: Route, since: str) -> None:
    """The page as an office makes it that knows history only up to `since`."""
    answer = route.fetch()
    route.fulfill(response=answer, body=re.sub('data-since="[^"]*"', f'data-since="{since}"', answer.text()))


@shared_office
def test_what_happens_before_a_page_listens_where_nobody_else_does(office: Office, invite: Invite) -> None:
    # Given a replica that nobody has listened to for long: its pages cannot say up to where they are true,
    holder, watcher, ticket = invite(office), invite(office, signed_in=False), listed(office)
    watcher.expects("net::ERR_CONNECTION_RESET GET /api/stream")
    watcher.page.route("**/?q=*", lambda route: made(route, since=""), times=1)
    watcher.page.route("**/api/stream?*", lambda route: route.abort("connectionreset"))
    page = watcher.goto(ticket.search)
    watcher.stay_on_this_page()

    # when a ticket is reserved before the page has its stream, which begins with what comes after,
    reserved(holder, ticket)
    page.unroute("**/api/stream?*")

    # then the page shows it nevertheless.
    state_on(page, ticket.id, "reserved")
    assert watcher.is_still_here()


@shared_office
def test_news_that_comes_while_the_page_is_fetched_is_not_lost_to_it(office: Office, invite: Invite) -> None:
    # Given a list that fetches itself anew, and an answer that is on its way when a ticket is reserved,
    holder, watcher, ticket = invite(office), invite(office, signed_in=False), listed(office)
    page = watcher.page

    def outrun(route: Route) -> None:
        answer = route.fetch()
        reserved(holder, ticket)
        state_on(page, ticket.id, "reserved")
        route.fulfill(response=answer)

    page.route("**/?q=*", outrun, times=1)
    page.route("**/?q=*", lambda route: made(route, since=""), times=1)
    with page.expect_request_finished(lambda request: request.resource_type == "fetch"):
        watcher.goto(ticket.search)

    # then the page does not stay with the older news.
    state_on(page, ticket.id, "reserved")


@shared_office
def test_a_page_that_cannot_be_fetched_anew_is_asked_for_again(office: Office, invite: Invite) -> None:
    # Given a page from so long ago that it is told to fetch itself, from an office that is too busy at first,
    holder, watcher, ticket = invite(office), invite(office, signed_in=False), listed(office)
    watcher.expects("503 GET /$")
    page = watcher.page
    page.add_init_script("Math.random = () => 0;")  # nobody else is there to be spared
    reserved_later: list[str] = []

    def busy(route: Route) -> None:
        reserved_later.append(reserved(holder, ticket))
        route.fulfill(status=503, content_type="text/plain", body="no server is available")

    page.route("**/?q=*", busy, times=1)
    page.route("**/?q=*", lambda route: made(route, since="820000000100000001"), times=1)
    page.route("**/api/stream?*", lambda route: route.continue_())
    watcher.goto(ticket.search)
    watcher.stay_on_this_page()

    # then it tries until it has it.
    with page.expect_response(lambda response: response.request.resource_type == "fetch" and response.ok):
        pass
    assert reserved_later
    state_on(page, ticket.id, "reserved")
    assert watcher.is_still_here()


@shared_office
def test_the_price_on_the_button_is_the_price(office: Office, invite: Invite) -> None:
    # Given somebody who looks at a ticket,
    ada, eve = invite(office), invite(office, locale="de-DE")
    ticket = listed(office, price="19.99", seller=ada.user_id)
    page = eve.goto(ticket.path)
    expect(page.get_by_role("button", name="Für 19,99\u00a0$ reservieren")).to_be_visible()

    # when the price changes, then so does the button, which is said aloud,
    ada.client.put(f"/api{ticket.path}", json={"title": ticket.title, "price": "1249.50"}).raise_for_status()
    button = page.get_by_role("button", name="Für 1.249,50\u00a0$ reservieren")
    expect(button).to_be_visible()
    told = f"Dieses Ticket wurde geändert: Es ist jetzt „{ticket.title}“ für 1.249,50\u00a0$."
    expect(page.locator("#status")).to_have_text(told)

    # and who presses it then has seen the price.
    button.click()
    expect(page.get_by_role("timer")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)


@shared_office
def test_a_ticket_that_is_called_something_else_is_so_in_the_window_too(office: Office, invite: Invite) -> None:
    ada, eve = invite(office), invite(office)
    ticket = listed(office, seller=ada.user_id)
    page = eve.goto(ticket.path)
    expect(page).to_have_title(f"{ticket.title} · Box Office")
    page.evaluate(RECORD_HIGHLIGHTS)

    ada.client.put(f"/api{ticket.path}", json={"title": "Ballet & $& more", "price": "19.99"}).raise_for_status()

    expect(page.get_by_role("heading", level=1)).to_have_text("Ballet & $& more")
    expect(page).to_have_title("Ballet & $& more · Box Office")
    # It is said aloud, and to be seen.
    expect(page.locator("#status")).to_have_text("This ticket was changed: it is “Ballet & $& more” for $19.99 now.")
    wait_for("the highlight", lambda: page.evaluate("highlighted") == ["ARTICLE"])


@shared_office
def test_a_button_that_is_pressed_stays_true_while_it_waits(office: Office, invite: Invite) -> None:
    # Given somebody in line for a ticket,
    ada, eve = invite(office), invite(office)
    eve.expects("503 POST /orders")
    ticket = listed(office, price="19.99", seller=ada.user_id)
    page = eve.goto(ticket.path)
    page.route("**/orders", lambda route: route.fulfill(status=503, headers={"Retry-After": "600"}))
    eve.press("Reserve for $19.99")
    expect(page.get_by_role("button", name="One moment …")).to_be_visible()

    # when the price changes meanwhile, then it is the new one that they see once they stop waiting.
    ada.client.put(f"/api{ticket.path}", json={"title": ticket.title, "price": "24.50"}).raise_for_status()
    expect(page.get_by_role("article")).to_contain_text("$24.50")
    page.get_by_role("button", name="Stop waiting").click()
    expect(page.get_by_role("button", name="Reserve for $24.50")).to_be_visible()
