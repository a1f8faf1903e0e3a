"""Pages for everybody: by keyboard, in another language, and safe whatever a ticket is called."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, paid, reserved
from tests.browser.somebody import PHONE
from tests.integration.office import Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

TABS_MAX = 20
HOSTILE = '"><img src=x onerror=alert(2)><script>alert(1)</script>'


def focused(page: Page) -> str:
    """The words on what has the focus."""
    return str(page.evaluate("document.activeElement.textContent.trim()"))


def has_visible_focus(page: Page) -> bool:
    """Whether what has the focus has a ring around it, inside the window."""
    return bool(
        page.evaluate("""() => {
          const focused = document.activeElement;
          const style = getComputedStyle(focused), box = focused.getBoundingClientRect();
          const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
          return ring && box.left >= 0 && box.top >= 0 && box.bottom <= innerHeight && box.width > 0;
        }""")
    )


def test_by_keyboard_alone(office: Office, invite: Invite) -> None:
    # Given a ticket on the screen,
    eve, ticket = invite(office), listed(office)
    page = eve.goto(ticket.path)

    # the first stop leads past the menu,
    page.keyboard.press("Tab")
    assert focused(page) == "Skip to the content"
    assert has_visible_focus(page)
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()

    # the next is the button,
    page.keyboard.press("Tab")
    assert focused(page) == "Reserve for $19.99"
    assert has_visible_focus(page)

    # and the ticket is theirs.
    page.keyboard.press("Enter")
    page.wait_for_url("**/orders/*")
    expect(page.get_by_role("timer")).to_be_visible()


def test_every_stop_of_the_keyboard_can_be_seen(office: Office, invite: Invite) -> None:
    eve, ticket = invite(office, viewport=PHONE), listed(office)
    page = eve.goto(ticket.search)
    stops = []
    while len(stops) < TABS_MAX:
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement === document.body"):
            break
        stops.append(focused(page) or page.evaluate("document.activeElement.name"))
        assert has_visible_focus(page), f"no ring around {stops[-1]}"
    assert {"Skip to the content", "My orders", "Sign out", "q", "Show", ticket.title, "Deutsch"} <= set(stops)


def test_what_was_typed_outlasts_another_language(office: Office, invite: Invite) -> None:
    # Given a form that is half filled in,
    eve = invite(office)
    page = eve.goto("/sell")
    page.get_by_label("What is it for?").fill("Oper")

    # when another language is chosen, then it is still there,
    page.get_by_role("button", name="Deutsch").click()
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#title")).to_have_value("Oper")

    # also where the office has said what is wrong with it,
    page.locator("#price").fill("viel")
    eve.expects("400 POST /sell")
    eve.press("Zum Verkauf stellen")
    expect(page.locator("#price")).to_have_attribute("aria-invalid", "true")
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.locator("#title")).to_have_value("Oper")
    expect(page.locator("#price")).to_have_value("viel")

    # and on no other page, nor a second time.
    eve.goto("/sell")
    expect(page.locator("#title")).to_have_value("")


def test_a_password_does_not_outlast_another_language(office: Office, invite: Invite) -> None:
    page = invite(office, signed_in=False).goto("/signin")
    page.locator("#email").fill("eve@example.com")
    page.locator("#password").fill("a secret of hers")

    page.get_by_role("button", name="Deutsch").click()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator("#email")).to_have_value("eve@example.com")
    expect(page.locator("#password")).to_have_value("")
    assert page.evaluate("JSON.stringify({ ...sessionStorage })") == "{}"


def test_a_browser_that_may_store_nothing_shows_the_pages_all_the_same(office: Office, invite: Invite) -> None:
    watcher, ticket = invite(office, signed_in=False), listed(office)
    watcher.page.add_init_script("""
        const denied = () => { throw new DOMException("denied", "SecurityError"); };
        Object.defineProperty(window, "sessionStorage", { get: denied });
    """)
    page = watcher.goto(ticket.search)

    page.get_by_role("button", name="Deutsch").click()

    expect(page.locator("html")).to_have_attribute("lang", "de")
    reserved(invite(office), ticket)
    expect(page.get_by_role("listitem")).to_contain_text("Reserviert")


def test_a_german_reader(office: Office, invite: Invite) -> None:
    # Given a German browser,
    eve = invite(office, signed_in=False, locale="de-DE", timezone_id="Europe/Berlin", viewport=PHONE)
    holder, ticket = invite(office), listed(office, price="1249.50")
    page = eve.goto(ticket.search)

    # everything is in German, prices too,
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tickets")
    expect(page.locator(".tickets .price")).to_have_text("1.249,50\u00a0$")
    expect(page.get_by_role("listitem")).to_contain_text("Zu haben")

    # what changes live as well;
    order_id = reserved(holder, ticket)
    expect(page.get_by_role("listitem")).to_contain_text("Reserviert")
    expect(page.locator(".tickets .price")).to_have_text("1.249,50\u00a0$")

    # and they may choose English, which lasts.
    page.get_by_role("button", name="English").click()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    eve.goto(ticket.path)
    expect(page.get_by_role("article")).to_contain_text("$1,249.50")
    assert holder.client.delete(f"/api/orders/{order_id}").status_code == 204
    expect(page.get_by_role("button", name="Reserve for $1,249.50")).to_be_visible()


def test_a_seller_types_prices_as_they_do_at_home(office: Office, invite: Invite) -> None:
    ada = invite(office, locale="de-DE")
    page = ada.goto("/sell")
    page.get_by_label("Wofür ist es?").fill("Oper")
    page.get_by_label("Preis in US-Dollar").fill("1.249,50")
    ada.press("Zum Verkauf stellen")
    expect(page.get_by_role("article")).to_contain_text("1.249,50\u00a0$")


def test_a_hostile_title_is_only_text_wherever_it_is_shown(office: Office, invite: Invite) -> None:
    # Given a ticket with a script for a name. A dialog anywhere fails the test: see `Somebody`.
    ada, eve, late = invite(office), invite(office), invite(office)
    late.expects("409 POST /orders")
    ticket = listed(office, HOSTILE, seller=ada.user_id)

    def shown(page: Page) -> None:
        expect(page.get_by_text(ticket.title).first).to_be_visible()
        assert page.locator("img").count() == 0

    # On every page that names it, it is a name,
    late.goto(ticket.path)
    ada.goto("/listings")
    eve.goto(ticket.search)
    shown(eve.page)
    eve.page.get_by_role("link", name=ticket.title).click()
    shown(eve.page)
    eve.press("Reserve for")
    eve.page.wait_for_url("**/orders/*")
    shown(eve.page)
    order = eve.page.url
    eve.goto("/orders")
    shown(eve.page)

    # live too,
    expect(ada.page.get_by_role("listitem")).to_contain_text("Reserved")
    shown(ada.page)
    expect(late.page.get_by_text("Somebody holds this ticket")).to_be_visible()
    shown(late.page)
    late.page.evaluate("document.querySelector('main form').requestSubmit()")
    expect(late.page.get_by_role("alert")).to_contain_text(ticket.title)

    # on Stripe's page, and on the receipt.
    eve.goto(order)
    eve.press("Pay")
    eve.page.get_by_label("4242 4242 4242 4242 pays").check()  # the order's own page has a button of that name, too
    shown(eve.page)
    eve.page.get_by_role("button", name="Pay").click()
    expect(eve.page.get_by_text("This page is your receipt")).to_be_visible()
    shown(eve.page)

    # In the form to change it, too.
    other = listed(office, HOSTILE, seller=ada.user_id)
    ada.goto(f"{other.path}/edit")
    expect(ada.page.get_by_label("What is it for?")).to_have_value(other.title)


def test_buttons_and_bars_have_a_box_where_the_colours_are_the_readers_own(office: Office, invite: Invite) -> None:
    page = invite(office, forced_colors="active").goto(listed(office).path)
    for box in ("#reserve", "#line", "#connection"):
        expect(page.locator(box)).to_have_css("border-top-style", "solid")
        expect(page.locator(box)).to_have_css("border-top-width", "1px")


ROOM = """(field) => {
  const given = field.offsetWidth;
  field.style.width = "max-content";
  return given - field.offsetWidth;
}"""


@pytest.mark.parametrize("width", [640, 900])
def test_the_order_of_the_list_can_be_read(office: Office, invite: Invite, width: int) -> None:
    page = invite(office, locale="de-DE", viewport={"width": width, "height": 800}).goto("/?sort=dearest")
    assert page.get_by_label("Reihenfolge").evaluate(ROOM) >= 0


LARGE_PX, TITLE_MIN_PX = 24, 144
"""Letters as some set them in their browser, and the room that six of their widths take."""


@pytest.mark.parametrize("signed_in", [True, False])
def test_letters_may_be_large(office: Office, invite: Invite, signed_in: bool) -> None:
    # Given a phone whose letters are half as large again as usual, and a ticket of the greatest price,
    eve = invite(office, signed_in=signed_in, locale="de-DE", viewport={"width": 320, "height": 640})
    ticket = listed(office, price="999999.99")
    session = eve.context.new_cdp_session(eve.page)
    session.send("Page.setFontSizes", {"fontSizes": {"standard": LARGE_PX}})

    # then nothing scrolls sideways,
    for path in (ticket.path, *(("/orders", "/listings", "/sell") if signed_in else ("/signup",)), ticket.search):
        page = eve.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, path

    # and titles in the list are no columns of single letters;
    assert page.get_by_role("listitem").get_by_role("link").evaluate("link => link.offsetWidth") >= TITLE_MIN_PX

    # nor is what a receipt says.
    if signed_in:
        page = eve.goto(f"/orders/{paid(eve, ticket)}")
        assert page.get_by_role("definition").last.evaluate("said => said.offsetWidth") >= TITLE_MIN_PX


def test_pages_fit_the_narrowest_phone(office: Office, invite: Invite) -> None:
    eve = invite(office, viewport={"width": 320, "height": 640})
    ticket = listed(office, "Averylongwordthatgoesonandonwithoutanyspacewhatsoeverandthensome")
    paid_for = paid(eve, ticket)
    listed(office, seller=eve.user_id)
    for path in ("/", ticket.search, ticket.path, f"/orders/{paid_for}", "/orders", "/listings", "/sell", "/docs/none"):
        eve.expects("404 GET /docs/none")
        page = eve.goto(path)
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= 320, f"{path} is {width} pixels wide"
