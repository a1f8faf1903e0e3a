"""Takes the pictures in `docs/web.md` and the README from offices of their own: `make pictures`."""

import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser import chromium, sale_picture
from tests.browser.somebody import PHONE, Somebody
from tests.integration.office import ROOT, Office

FOLDER = ROOT / "docs" / "pictures"
DESK = {"width": 1000, "height": 700}

ON_SALE = (
    ("Ballet: Giselle, stalls", "64.00"),
    ("Football final, block C", "149.00"),
    ("Chamber music in the old mill", "18.00"),
    ("Jazz at the harbour", "24.50"),
    ("Opera: Tosca, row 3 seat 14", "89.00"),
)
"""Titles and prices; the last one comes first on the page."""


def take_all(browser: Browser, office: Office) -> None:
    """What a seller, a buyer and somebody who came too late see."""
    seller = _signed_up(browser, office, "ada@example.com", viewport=DESK)
    buyer = _signed_up(browser, office, "eve@example.com", viewport=PHONE, color_scheme="dark")
    late = _signed_up(browser, office, "kim@example.com", viewport=PHONE)
    ids = [_list(seller, title, price) for title, price in ON_SALE]
    football, _, jazz, opera = ids[1:]
    _buy(late, football)
    guest = Somebody(browser, office, viewport=DESK, signed_in=False)
    late.goto(f"/tickets/{opera}")
    _take(buyer.goto(f"/tickets/{opera}"), "ticket")
    buyer.press("Reserve for")
    expect(buyer.page.get_by_role("timer")).not_to_be_empty()
    _take(buyer.page, "order")
    _take(guest.goto("/"), "tickets")
    late.page.evaluate("document.querySelector('main form').requestSubmit()")
    expect(late.page.get_by_role("heading", name="Somebody was quicker")).to_be_visible()
    _take(late.page, "too-late")
    buyer.press("Pay $89.00")
    buyer.page.get_by_label("4242 4242 4242 4242 pays").check()
    buyer.page.get_by_role("button", name="Pay $89.00").click()
    expect(buyer.page.get_by_text("This page is your receipt")).to_be_visible()
    _take(buyer.page, "receipt")
    _reserve(late, jazz)
    _take(seller.goto("/listings"), "listings")


def _signed_up(browser: Browser, office: Office, email: str, **options: object) -> Somebody:
    somebody = Somebody(browser, office, signed_in=False, **options)
    body = {"email": email, "password": "open sesame"}
    somebody.client.post("/api/users/signup", json=body).raise_for_status()
    somebody.take_session(somebody.client.cookies["session"])
    return somebody


def _list(seller: Somebody, title: str, price: str) -> str:
    made = seller.client.post("/api/tickets", json={"title": title, "price": price}).raise_for_status()
    return str(made.json()["id"])


def _reserve(buyer: Somebody, ticket_id: str) -> str:
    return str(buyer.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()["id"])


def _buy(buyer: Somebody, ticket_id: str) -> None:
    card = {"orderId": _reserve(buyer, ticket_id), "token": "tok_visa"}
    buyer.client.post("/api/payments", json=card).raise_for_status()


def _take(page: Page, name: str) -> None:
    page.emulate_media(reduced_motion="reduce")
    page.screenshot(path=FOLDER / f"{name}.png")


def main() -> None:
    """Start an office, take the pictures, and end it.

    Raises:
        SystemExit: there is no Chromium; says how to get one.
    """
    path = chromium.find() or sys.exit(chromium.MISSING)
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium.running(path) as browser:
        office = Office(Path(folder) / "data")
        try:
            take_all(browser, office.start())
        finally:
            office.stop()
        sale_picture.take(browser, Path(folder), FOLDER / "flash-sale.png")


if __name__ == "__main__":
    main()
