"""What people come for: a ticket bought, and a ticket sold."""

import re

import pytest
from bson import ObjectId
from playwright.sync_api import expect

from tests.browser.conftest import Invite
from tests.browser.shop import listed, new_title, paid, reserved
from tests.integration.office import Office

pytestmark = pytest.mark.parametrize("office", ["shared"], indirect=True, scope="session")


def test_a_buyer_finds_reserves_and_pays(office: Office, invite: Invite) -> None:
    # Given tickets on sale, and somebody who is new here.
    word = str(ObjectId())
    prices = {"dear": "89.00", "cheap": "19.99", "middling": "24.50"}
    for title, price in prices.items():
        listed(office, f"{title} {word}", price)
    eve = invite(office, signed_in=False)
    page = eve.goto("/")

    # When they sign up,
    page.get_by_role("link", name="Sign up").click()
    page.get_by_label("E-mail address").fill(f"{word}@example.com")
    page.get_by_label("Password").fill("correct horse")
    eve.press("Sign up")
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()

    # search, the cheapest first,
    page.get_by_label("Search").fill(word)
    page.get_by_label("Sort").select_option(label="Lowest price first")
    eve.press("Show")
    expect(page.locator(".tickets .price")).to_have_text(["$19.99", "$24.50", "$89.00"])

    # and reserve one,
    page.get_by_role("link", name="middling").click()
    eve.press("Reserve for $24.50")

    # then they have some minutes, and see them pass.
    page.wait_for_url("**/orders/*")
    countdown = page.get_by_role("timer")
    expect(countdown).to_have_text(re.compile(r"^1[45]:\d\d$"))
    expect(countdown).not_to_have_text(countdown.inner_text())

    # When they pay on Stripe's page,
    eve.press("Pay $24.50")
    page.get_by_label("4242 4242 4242 4242 pays").check()
    page.get_by_role("button", name="Pay $24.50").click()

    # then they come back to a receipt, and find it again among their orders.
    expect(page.get_by_text("This page is your receipt")).to_be_visible()
    expect(page.get_by_role("definition").first).to_have_text("$24.50")
    page.get_by_role("navigation").get_by_role("link", name="My orders").click()
    expect(page.get_by_role("listitem")).to_have_count(1)
    expect(page.get_by_role("listitem")).to_contain_text("Paid")


def test_who_goes_back_sees_a_filter_that_says_what_the_list_shows(office: Office, invite: Invite) -> None:
    # Given somebody with the cheapest tickets first, who asks for the dearest,
    eve = invite(office, signed_in=False)
    page = eve.goto("/?sort=cheapest")
    page.get_by_label("Sort").select_option(label="Highest price first")
    page.get_by_label("Only what is on sale").check()
    eve.press("Show")
    page.wait_for_url("**/?*sort=dearest*")

    # when they go back to the cheapest, then that is what the filter says.
    page.go_back()
    page.wait_for_url("**/?sort=cheapest")
    expect(page.get_by_label("Sort")).to_have_value("cheapest")
    expect(page.get_by_label("Only what is on sale")).not_to_be_checked()


def test_a_password_that_is_too_long_is_refused_and_not_cut(office: Office, invite: Invite) -> None:
    eve = invite(office, signed_in=False)
    eve.expects("400 POST /signup")
    page = eve.goto("/signup?next=/sell")
    page.get_by_label("E-mail address").fill(email := f"{ObjectId()}@example.com")
    page.get_by_label("Password").fill("x" * 150)

    eve.press("Sign up")

    expect(page.get_by_label("Password")).to_have_accessible_description(
        re.compile("^A password has 8 to 128 characters")
    )
    expect(page.get_by_label("Password")).to_be_focused()
    expect(page.get_by_label("E-mail address")).to_have_value(email)
    expect(page.locator("main input[name=next]")).to_have_value("/sell")


def test_a_declined_card_is_not_the_end(office: Office, invite: Invite) -> None:
    # Given an order
    eve, ticket = invite(office), listed(office)
    page = eve.goto(f"/orders/{reserved(eve, ticket)}")

    # whose payment is declined,
    eve.press("Pay $19.99")
    page.get_by_role("button", name="Decline").click()
    expect(page.get_by_role("alert")).to_contain_text("You may try another card")

    # then the order can still be paid: here from the shop, where the page of payment goes on.
    page.get_by_role("link", name="Back to the shop").click()
    page.wait_for_url("**/orders/*")
    page.locator("#pay").click()
    page.get_by_label("4242 4242 4242 4242 pays").check()
    page.get_by_role("button", name="Pay $19.99").click()
    expect(page.get_by_text("This page is your receipt")).to_be_visible()


def test_a_card_declined_at_once_is_said_on_the_order(office: Office, invite: Invite) -> None:
    eve, ticket = invite(office), listed(office)
    order_id = reserved(eve, ticket)
    page = eve.goto(f"/orders/{order_id}")

    declined = {"orderId": order_id, "token": "tok_chargeDeclined"}
    assert eve.client.post("/api/payments", json=declined).status_code == 402

    expect(page.get_by_role("alert")).to_contain_text("no money was taken. You can try again.")
    expect(page.get_by_role("timer")).to_be_visible()


def test_a_seller_lists_changes_sells_and_refunds(office: Office, invite: Invite) -> None:
    # Given somebody who puts a ticket on sale, with a slip,
    ada, eve = invite(office), invite(office)
    ada.expects("400 POST /sell")
    page = ada.goto("/sell")
    page.get_by_label("What is it for?").fill(title := new_title("Tosca"))
    page.get_by_label("Price in US dollars").fill("8.888")
    ada.press("Put it on sale")
    expect(page.get_by_role("alert").or_(page.locator(".problem"))).to_contain_text("no more than two decimals")
    page.get_by_label("Price in US dollars").fill("88")
    ada.press("Put it on sale")
    page.wait_for_url("**/tickets/*")

    # changes the price,
    page.get_by_role("link", name="Change it").click()
    page.get_by_label("Price in US dollars").fill("64.00")
    ada.press("Save")
    expect(page.get_by_role("article")).to_contain_text("$64.00")

    # and looks at their listings while it is bought.
    ticket_id = page.url.rpartition("/")[2]
    page.get_by_role("navigation").get_by_role("link", name="My listings").click()
    listing = page.get_by_role("listitem").filter(has_text=title)
    expect(listing).to_contain_text("On sale")
    ada.stay_on_this_page()
    order_id = eve.client.post("/api/orders", json={"ticketId": ticket_id}).raise_for_status().json()["id"]
    expect(listing).to_contain_text("The buyer can pay until")
    eve.client.post("/api/payments", json={"orderId": order_id, "token": "tok_visa"}).raise_for_status()
    expect(listing).to_contain_text("Sold for $64.00")
    assert ada.is_still_here()

    # When they refund it,
    receipt = eve.goto(f"/orders/{order_id}")
    page.get_by_text("Refund …").click()
    ada.press("Refund the buyer")

    # then it is on sale again, the listing says what happened, and the buyer sees the money come back.
    expect(listing).to_contain_text("Sold and refunded: $64.00")
    expect(listing).to_contain_text("On sale")
    expect(receipt.get_by_role("article")).to_contain_text("You got your $64.00 back. Refunded by the seller")


def test_a_sold_ticket_can_neither_be_reserved_nor_changed(office: Office, invite: Invite) -> None:
    ada, eve = invite(office), invite(office)
    ticket = listed(office, seller=ada.user_id)
    paid(eve, ticket)

    page = ada.goto(ticket.path)

    expect(page.get_by_role("article").get_by_text("This ticket is sold.")).to_be_visible()
    expect(page.get_by_role("link", name="Change it")).to_be_hidden()
    expect(page.get_by_role("main").get_by_role("button")).to_have_count(0)
