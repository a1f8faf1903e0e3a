"""axe-core finds nothing on any page: in light and dark, on a phone and on a desk."""

import asyncio
import re
from collections.abc import Awaitable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from bson import ObjectId
from playwright.sync_api import Page, expect

from actors.contract import OutcomeUnknown, Reserve
from tests.browser.conftest import Invite
from tests.browser.shop import listed, paid, reserved
from tests.browser.somebody import DESKTOP, PHONE, Somebody
from tests.integration.office import Office
from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import browsing

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
RUN = "(tags) => axe.run({ runOnly: tags, resultTypes: ['violations'] }).then((found) => found.violations)"

T = TypeVar("T")


def assert_accessible(page: Page) -> None:
    """Whatever the page looks like, axe has nothing to say about it."""
    page.evaluate(AXE_SCRIPT)
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
        for size in (PHONE, DESKTOP):
            page.set_viewport_size(size)  # type: ignore[arg-type]
            found = [line for each in page.evaluate(RUN, TAGS) for line in lines_of(each)]
            assert not found, f"{page.title()}, {scheme}, {size['width']} wide:\n" + "\n".join(found)


def lines_of(violation: dict[str, Any]) -> list[str]:
    """A violation, a line for each place."""
    return [f"{violation['id']}: {node['html'][:150]}: {node['failureSummary']}" for node in violation["nodes"]]


def seen(somebody: Somebody, path: str, words: str) -> None:
    """Open a page, see that it is the one that is meant, and look at it in every way."""
    page = somebody.goto(path)
    expect(page.get_by_role("main")).to_contain_text(words)
    assert_accessible(page)


@pytest.fixture
def examine(invite: Invite) -> Invite:
    """Bring somebody whose pages let axe in, which our content security policy rightly does not."""
    return lambda office, **options: invite(office, bypass_csp=True, **options)


def test_pages_for_everybody(office: Office, examine: Invite) -> None:
    guest = examine(office, signed_in=False)
    guest.expects("404 GET /nowhere", "400 POST /sign(in|up)")
    listed(office)
    seen(guest, "/", "Tickets")
    seen(guest, f"/?q={ObjectId()}", "There is nothing here")
    seen(guest, "/nowhere", "There is nothing at this address")
    seen(guest, "/signup", "8 to 128 characters")
    guest.goto("/")
    guest.set_offline(True)
    expect(guest.page.get_by_text("The connection is lost")).to_be_visible()
    assert_accessible(guest.page)
    guest.set_offline(False)
    guest.goto("/signin")
    guest.page.get_by_label("E-mail address").fill(f"{ObjectId()}@example.com")
    guest.page.get_by_label("Password").fill("wrong horse")
    guest.press("Sign in")
    expect(guest.page.get_by_role("alert")).to_contain_text("is wrong")
    assert_accessible(guest.page)


def test_a_sign_up_with_mistakes(office: Office, examine: Invite) -> None:
    guest = examine(office, signed_in=False)
    guest.expects("400 POST /signup")
    page = guest.goto("/signup")
    page.locator("main form").evaluate("form => { form.noValidate = true; }")
    guest.press("Sign up")
    expect(page.get_by_label("E-mail address")).to_have_attribute("aria-invalid", "true")
    assert_accessible(page)


def test_pages_of_a_ticket_and_its_seller(office: Office, examine: Invite) -> None:
    ada, eve = examine(office), examine(office)
    ada.expects("400 POST /sell")
    free, held, sold = (listed(office, seller=ada.user_id) for _ in range(3))
    reserved(eve, held)
    paid(eve, sold)
    seen(eve, free.path, "Reserve for")
    seen(ada, held.path, "Somebody holds this ticket")
    seen(ada, sold.path, "This ticket is sold")
    seen(ada, f"{free.path}/edit", "Save")
    seen(ada, f"{held.path}/edit", "so it cannot be changed just now")
    ada.goto("/listings")
    ada.page.get_by_text("Refund …").click()
    expect(ada.page.get_by_role("button", name="Refund the buyer")).to_be_visible()
    assert_accessible(ada.page)
    ada.goto("/sell")
    ada.page.get_by_label("What is it for?").fill(" ")
    ada.page.get_by_label("Price in US dollars").fill("-1")
    ada.press("Put it on sale")
    expect(ada.page.get_by_label("Price in US dollars")).to_have_attribute("aria-invalid", "true")
    assert_accessible(ada.page)


def test_pages_of_a_buyer(office: Office, examine: Invite) -> None:
    eve = examine(office)
    seen(eve, "/orders", "You have ordered nothing yet")
    seen(eve, "/listings", "You have listed nothing yet")
    declined = reserved(eve, listed(office))
    card = {"orderId": declined, "token": "tok_chargeDeclined"}
    assert eve.client.post("/api/payments", json=card).status_code == 402
    seen(eve, f"/orders/{reserved(eve, listed(office))}", "Waiting for your payment")
    seen(eve, f"/orders/{declined}", "did not go through")
    assert eve.client.delete(f"/api/orders/{declined}").status_code == 204
    seen(eve, f"/orders/{declined}", "You gave the ticket back")
    seen(eve, f"/orders/{paid(eve, listed(office))}", "This page is your receipt")
    seen(eve, "/orders", "Paid")


def test_pages_of_bad_luck(office: Office, examine: Invite) -> None:
    eve, rival, ticket = examine(office), examine(office), listed(office)
    eve.expects("409 POST /orders", "503 POST /orders")
    # In line,
    page = eve.goto(ticket.path)
    page.route("**/orders", lambda route: route.fulfill(status=503, headers={"Retry-After": "600"}))
    eve.press("Reserve for")
    expect(page.get_by_role("region", name="You are in line")).to_be_visible()
    assert_accessible(page)
    # and too late.
    page.unroute("**/orders")
    page = eve.goto(ticket.path)
    reserved(rival, ticket)
    page.evaluate("document.querySelector('main form').requestSubmit()")
    expect(page.get_by_role("heading", name="Somebody was quicker")).to_be_visible()
    assert_accessible(page)


@pytest.mark.parametrize("kind", ["in line", "defect"])
def test_pages_that_a_healthy_office_does_not_show(office: Office, examine: Invite, kind: str) -> None:
    # They come from an office in memory, made of the same code: same templates, same stylesheet.
    html = elsewhere(in_line() if kind == "in line" else defect())
    eve = examine(office)
    eve.page.route("**/shown", lambda route: route.fulfill(body=html, content_type="text/html"))
    seen(eve, "/shown", "You are in line" if kind == "in line" else "Something went wrong")


async def in_line() -> str:
    """The page of a form that nobody can carry out now."""
    office, ada = FakeOffice(), ObjectId()
    async with browsing(office, ada) as browser:
        page = await browser.open("/sell")
        await browser.send(page.form("/sell"), title="Opera", price="19.99")
        page = await browser.open(browser.path)
        office.actors.answer(Reserve, OutcomeUnknown(reason="lost"))
        shown = await browser.send(page.form("/orders"))
    return re.sub(r'data-again="\d+"', 'data-again="600"', shown.html)  # stay: nobody else knows this form


async def defect() -> str:
    """The page of a mistake of ours."""
    office = FakeOffice()
    async with browsing(office) as browser:
        with office.broken(RuntimeError("a defect")):
            return (await browser.open("/")).html


def elsewhere(work: Awaitable[T]) -> T:
    """The result of `work`, done in a thread without Playwright's event loop."""

    async def done() -> T:
        return await work

    with ThreadPoolExecutor(1) as threads:
        return threads.submit(asyncio.run, done()).result(30)
