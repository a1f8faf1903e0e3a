"""Everything works with links and plain forms alone."""

import re

import pytest
from bson import ObjectId
from playwright.sync_api import expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, new_title, reserved
from tests.browser.somebody import PHONE
from tests.integration.office import Office
from tests.waiting import wait_for

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


def test_buying(office: Office, invite: Invite) -> None:
    # Given a ticket, and somebody new whose browser runs no scripts.
    ticket = listed(office, price="24.50")
    eve = invite(office, signed_in=False, java_script_enabled=False, viewport=PHONE)
    page = eve.goto(ticket.search)
    page.get_by_role("link", name=ticket.title).click()

    # When they press, they are asked who they are, and come back to the ticket,
    eve.press("Reserve for $24.50")
    page.get_by_role("main").get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill(f"{ObjectId()}@example.com")
    page.get_by_label("Password").fill("correct horse")
    eve.press("Sign up")

    # reserve it, are declined once, pay, and have a receipt.
    eve.press("Reserve for $24.50")
    expect(page.get_by_text("Pay by")).to_contain_text("UTC")
    eve.press("Pay $24.50")
    page.get_by_role("button", name="Decline").click()
    page.get_by_label("4242 4242 4242 4242 pays").check()
    page.get_by_role("button", name="Pay $24.50").click()
    expect(page.get_by_text("This page is your receipt")).to_be_visible()
    expect(page.get_by_role("definition").first).to_have_text("$24.50")


def test_giving_back(office: Office, invite: Invite) -> None:
    ticket = listed(office)
    eve = invite(office, java_script_enabled=False)
    page = eve.goto(f"/orders/{reserved(eve, ticket)}")

    eve.press("Give the ticket back")

    expect(page.get_by_text("You gave the ticket back")).to_be_visible()
    page.get_by_role("link", name="See whether it is still to be had").click()
    expect(page.get_by_role("button", name="Reserve for")).to_be_visible()


def test_coming_too_late(office: Office, invite: Invite) -> None:
    ticket = listed(office)
    holder, eve = invite(office), invite(office, java_script_enabled=False)
    eve.expects("409 POST /orders")
    page = eve.goto(ticket.path)
    reserved(holder, ticket)

    eve.press("Reserve for")

    expect(page.get_by_role("heading", name="Somebody was quicker")).to_be_visible()


def test_looking_again(office: Office, invite: Invite) -> None:
    # Given a ticket that somebody else holds, before a browser that hears nothing by itself,
    ticket = listed(office)
    holder, eve = invite(office), invite(office, java_script_enabled=False)
    order_id = reserved(holder, ticket)
    page = eve.goto(ticket.path)
    assert holder.client.delete(f"/api/orders/{order_id}").status_code == 204

    # when they look again, then they see that it is to be had;
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_role("button", name="Reserve for")).to_be_visible()
    expect(page.get_by_role("link", name="Look again")).to_be_hidden()

    # and they see what became of their payment.
    order = f"/orders/{reserved(eve, ticket)}"
    eve.goto(order)
    eve.press("Pay")
    eve.goto(order)
    page.get_by_role("link", name="Look again").click()
    expect(page).to_have_url(f"{office.url}{order}")
    expect(page.get_by_text("The payment page waits for you")).to_be_visible()


def test_with_scripts_nobody_is_asked_to_look_again(office: Office, invite: Invite) -> None:
    ticket = listed(office)
    holder, eve = invite(office), invite(office)
    page = eve.goto(ticket.path)
    reserved(holder, ticket)
    expect(page.get_by_text("Somebody holds this ticket")).to_be_visible()
    expect(page.get_by_text("Look again")).to_be_hidden()


def test_selling_and_refunding(office: Office, invite: Invite) -> None:
    # Given a seller whose browser runs no scripts,
    ada, eve = invite(office, java_script_enabled=False), invite(office)
    page = ada.goto("/sell")
    page.get_by_label("What is it for?").fill(title := new_title("Giselle"))
    page.get_by_label("Price in US dollars").fill("88")
    ada.press("Put it on sale")
    page.get_by_role("link", name="Change it").click()
    page.get_by_label("Price in US dollars").fill("64")
    ada.press("Save")
    ticket_id = page.url.rpartition("/")[2]

    # and a buyer who paid,
    order_id = eve.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()["id"]
    eve.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"}).raise_for_status()

    # when the seller gives the money back,
    ada.goto("/listings")
    listing = page.get_by_role("listitem").filter(has_text=title)
    expect(listing).to_contain_text("Sold for $64.00")
    page.get_by_text("Refund …").click()
    ada.press("Refund the buyer")

    # then the listing says so: at once that it is under way, and soon that it is done.
    expect(listing).to_contain_text(re.compile(r"back to the buyer: \$64\.00|Sold and refunded: \$64\.00"))
    wait_for("the refund", lambda: page.reload() and "Sold and refunded" in listing.inner_text())
    expect(listing).to_contain_text("Sold and refunded: $64.00. Refunded by the seller")
