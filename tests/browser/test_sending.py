"""Pressing a button acts once, whatever the finger, the network and the crowd do."""

import re
from collections.abc import Callable
from urllib.parse import parse_qs

import pytest
from bson import ObjectId
from playwright.sync_api import Route, expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, orders_of, reserved
from tests.browser.somebody import Somebody
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


def test_without_a_network_nobody_is_said_to_stand_in_line(office: Office, invite: Invite) -> None:
    eve, ticket = invite(office), listed(office)
    eve.expects("net::ERR_INTERNET_DISCONNECTED POST /orders")
    page = eve.goto(ticket.path)
    eve.set_offline(True)
    eve.press("Reserve for")
    expect(page.locator("#line")).to_contain_text("No connection. Trying again in")
    eve.set_offline(False)
    page.wait_for_url("**/orders/*")


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


FOR_LONG = {"status": 503, "headers": {"Retry-After": "600"}}


def kept(route: Route, sent: list[dict[str, list[str]]], fault: Callable[[Route], None]) -> None:
    """The first form meets with a fault, as often as it comes; every other one that is sent is noted."""
    form = parse_qs(route.request.post_data or "")
    if form and form not in sent:
        sent.append(form)
    fault(route) if form and form == sent[0] else route.continue_()


def tickets_of(somebody: Somebody) -> list[str]:
    """The titles of what they have listed."""
    return [each["title"] for each in somebody.office.mongo.tickets.find({"userId": somebody.user_id})]


def sell(somebody: Somebody, title: str) -> None:
    somebody.page.get_by_label("What is it for?").fill(title)
    somebody.page.get_by_label("Price in US dollars").fill("12")
    somebody.press("Put it on sale")


def test_who_corrects_a_form_in_line_sends_it_as_it_is_now(office: Office, invite: Invite) -> None:
    # Given a seller in line, with a slip in the title,
    ada = invite(office)
    ada.expects("503 POST /sell")
    page, sent = ada.goto("/sell"), []
    page.route("**/sell", lambda route: kept(route, sent, lambda each: each.fulfill(**FOR_LONG)))
    sell(ada, "Tpyo")
    expect(page.locator("#line")).to_be_visible()

    # when they mend it and press again,
    page.get_by_label("What is it for?").fill("Typo")
    ada.press("Put it on sale")

    # then that is what is listed, once, and as a request of its own.
    page.wait_for_url("**/tickets/*")
    assert [each["title"] for each in sent] == [["Tpyo"], ["Typo"]]
    assert sent[0]["key"] != sent[1]["key"]
    assert tickets_of(ada) == ["Typo"]


def test_who_presses_again_in_line_sends_the_same_again(office: Office, invite: Invite) -> None:
    ada = invite(office)
    ada.expects("503 POST /sell")
    page, sent = ada.goto("/sell"), []
    page.on("request", lambda each: sent.append(each.post_data) if each.method == "POST" else None)
    page.route("**/sell", lambda route: route.fulfill(**FOR_LONG), times=1)
    sell(ada, "Opera")
    expect(page.locator("#line")).to_be_visible()

    page.get_by_label("What is it for?").press("Enter")

    page.wait_for_url("**/tickets/*")
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert tickets_of(ada) == ["Opera"]


def test_who_stops_waiting_is_where_they_began(office: Office, invite: Invite) -> None:
    ada = invite(office)
    ada.expects("503 POST /sell")
    page = ada.goto("/sell")
    page.route("**/sell", lambda route: route.fulfill(**FOR_LONG))
    sell(ada, "Opera")

    page.get_by_role("button", name="Stop waiting").click()

    expect(page.locator("#line")).to_be_hidden()
    expect(page.get_by_role("button", name="Put it on sale")).to_be_focused()


def test_an_answer_that_never_comes_is_not_waited_for_for_ever(office: Office, invite: Invite) -> None:
    # Given a form whose answer is lost without a word, on a clock of ours,
    ada = invite(office)
    ada.expects("net::ERR_ABORTED POST /sell")
    ada.page.clock.install()
    page, sent = ada.goto("/sell"), []
    page.on("request", lambda each: sent.append(each.post_data) if each.method == "POST" else None)
    page.route("**/sell", lambda _: None, times=1)
    sell(ada, "Opera")

    # when it has been waited for long enough, then the seller is in line, and the same form goes again.
    page.clock.run_for(45_000)
    page.wait_for_url("**/tickets/*")
    assert len(sent) == 2
    assert sent[0] == sent[1]
    assert tickets_of(ada) == ["Opera"]


def acted_in_doubt(route: Route) -> None:
    """The office acts, and does not know of it in time."""
    route.fetch(max_redirects=0)
    route.fulfill(**{**FOR_LONG, "headers": {"Retry-After": "600", "X-Outcome": "unknown"}})


@pytest.mark.parametrize("fault", [executed_but_unheard, acted_in_doubt])
@pytest.mark.parametrize("first", ["stops waiting", "stays in line"])
def test_what_was_carried_out_unheard_is_not_done_again_when_it_is_corrected(
    office: Office, invite: Invite, fault: Callable[[Route], None], first: str
) -> None:
    # Given a seller whose ticket was listed without their hearing of it,
    ada = invite(office)
    ada.expects("503 POST /sell", "net::ERR_CONNECTION_RESET POST /sell", "400 POST /sell")
    page, sent = ada.goto("/sell"), []
    page.route("**/sell", lambda route: kept(route, sent, fault))
    sell(ada, "Tpyo")
    expect(page.locator("#line")).to_be_visible()

    # when they mend the title and press again,
    if first == "stops waiting":
        page.get_by_role("button", name="Stop waiting").click()
    page.get_by_label("What is it for?").fill("Typo")
    ada.press("Put it on sale")

    # then they are told, and led to what they have listed.
    expect(page.get_by_role("alert")).to_contain_text("An earlier version of this form was already carried out")
    expect(page.get_by_role("alert")).not_to_contain_text("Idempotency")
    assert tickets_of(ada) == ["Tpyo"]
    page.get_by_role("link", name="See your listings").click()
    expect(page.get_by_role("link", name="Tpyo")).to_be_visible()


def test_too_many_wrong_passwords_are_said_at_once(office: Office, invite: Invite) -> None:
    # Given somebody who has tried too often,
    eve = invite(office, signed_in=False)
    eve.expects("429 POST /signin")
    wrong = {"email": f"{ObjectId()}@example.com", "password": "wrong horse"}
    tried = [eve.client.post("/api/users/signin", json=wrong).status_code for _ in range(30)]
    assert tried[-1] == 429
    page = eve.goto("/signin?next=/sell")
    page.get_by_label("E-mail address").fill(wrong["email"])
    page.get_by_label("Password").fill("wrong horse")

    # when they try again, then they read why it does not work, and do not stand in line.
    eve.press("Sign in")
    expect(page.get_by_role("alert")).to_contain_text("Too many attempts to sign in or up failed")
    expect(page.locator("#line")).to_be_hidden()
    expect(page.get_by_label("E-mail address")).to_have_value(wrong["email"])
    expect(page.locator("input[name=next]").first).to_have_value("/sell")


A_WHILE = "() => new Promise((done) => setTimeout(done, 500))"
BUSY = "button => [button.getAttribute('aria-disabled'), button.closest('form').dataset.sending]"


@pytest.mark.parametrize(("button", "leads"), [("#reserve", "**/orders/*"), ("#pay", "**/c/pay/*")])
def test_a_button_is_busy_until_the_page_is_left(office: Office, invite: Invite, button: str, leads: str) -> None:
    # Given a next page that is slow to come: as far as this one can tell, for ever,
    eve, ticket = invite(office), listed(office)
    page = eve.goto(ticket.path if button == "#reserve" else f"/orders/{reserved(eve, ticket)}")
    posts: list[str] = []
    page.on("request", lambda request: posts.append(request.url) if request.method == "POST" else None)
    page.route(leads, lambda route: route.fulfill(status=204))

    # when somebody presses, and presses again while it comes,
    with page.expect_response(leads):
        page.locator(button).evaluate("button => button.click()")
    page.evaluate(A_WHILE)
    assert page.locator(button).evaluate(BUSY) == ["true", ""]
    page.locator(button).evaluate("button => button.click()")
    page.evaluate(A_WHILE)

    # then that was one request, and the button says so.
    assert len(posts) == 1
    assert page.locator(button).evaluate(BUSY) == ["true", ""]


def test_a_form_is_usable_again_for_who_comes_back(office: Office, invite: Invite) -> None:
    # Given somebody who chose a language, whose next page did not come about,
    eve = invite(office)
    page = eve.goto("/orders")
    page.route("**/orders", lambda route: route.fulfill(status=204), times=1)
    german = page.locator("button[lang=de]")
    with page.expect_response("**/orders"):
        german.evaluate("button => button.click()")
    page.evaluate(A_WHILE)
    assert german.evaluate(BUSY) == ["true", ""]

    # when they are back on the page that they never quite left, then it is loaded again, and they can choose once more.
    with page.expect_navigation():
        page.evaluate("window.dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }))")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    with page.expect_navigation():
        page.locator("button[lang=en]").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")


def test_a_page_is_usable_again_for_who_stops_leaving_it(office: Office, invite: Invite) -> None:
    # Given somebody who pays, and stops a next page that does not come,
    eve = invite(office)
    eve.page.clock.install()
    page = eve.goto(f"/orders/{reserved(eve, listed(office))}")
    page.route("**/c/pay/*", lambda route: route.fulfill(status=204))
    with page.expect_response("**/c/pay/*"):
        page.locator("#pay").evaluate("button => button.click()")

    # when a while has passed on the page that they never left,
    page.clock.run_for(11_000)

    # then they can pay once more, and hear what happens meanwhile.
    expect(page.locator("#pay")).to_be_enabled()
    page.unroute("**/c/pay/*")
    page.locator("#pay").click()
    page.wait_for_url("**/c/pay/*")


@pytest.mark.parametrize("status", [413, 404])
def test_an_answer_that_is_no_page_of_ours_is_not_met_with_silence(office: Office, invite: Invite, status: int) -> None:
    eve, ticket = invite(office), listed(office)
    eve.expects(f"{status} POST /orders")
    page = eve.goto(ticket.path)
    page.route("**/orders", lambda route: route.fulfill(status=status, content_type="text/plain", body="no"))

    eve.press("Reserve for")

    expect(page.get_by_text("No answer came")).to_be_visible()
    expect(page.get_by_role("button", name="Reserve for")).to_be_enabled()
