"""What the pages of an order say of it, at every end it may come to."""

import re
from typing import Any

import pytest
from bson import ObjectId

from actors.contract import OutcomeUnknown, Reserve
from actors.order_payment import ATTEMPTS_MAX
from actors.order_refunds import BY_THE_SELLER
from serve_app.web.orders import SHOWN_MAX
from serve_app.web.tickets import TICKETS_MAX
from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import Browser, Page, browsing
from tests.unit.web.shop import ADA, EVE, listed, reserved

LATE = "The money came after the order had ended; asking whether the ticket is still there"
HOSTILE = "<b>100% off</b> %(price)s"
"""What Stripe might say."""


async def an_order(office: FakeOffice, eve: Browser) -> str:
    """A new order of Eve's; its path."""
    return await reserved(eve, await listed(office))


async def seen_as(office: FakeOffice, eve: Browser, order: str, **fields: Any) -> Page:
    """The order's page once these fields of it have changed."""
    office.database["orders"].documents[ObjectId(order[-24:])] |= fields
    return await eve.open(order)


def payment(status: str, reason: str) -> dict[str, Any]:
    return {"status": status, "attempt": 1, "paymentId": ObjectId(), "amount": 1999, "reason": reason}


async def test_money_that_came_late_is_not_called_no_money() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        order = await an_order(office, eve)
        page = await seen_as(office, eve, order, status="cancelled", payment=payment("paid", LATE))
        assert "Your payment of $19.99 is here." in page.text
        assert LATE in page.text
        assert "not been charged" not in page.text
        assert "Paid late" in (await eve.open("/orders")).text


async def test_why_an_order_is_over_is_said_only_where_it_is_known() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        order = await an_order(office, eve)
        page = await seen_as(office, eve, order, status="cancelled")
        assert "You gave the ticket back" in page.text
        office.clock.advance(minutes=16)
        page = await eve.open(order)
        assert "The order ended before it was paid" in page.text
        assert "You have not been charged" in page.text


@pytest.mark.parametrize(
    ("status", "paid"),
    [("created", "failed"), ("complete", "paid"), ("cancelled", "paid"), ("cancelled", "refunding"),
     ("cancelled", "refunded")],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "de"])
async def test_what_stripe_says_is_text(status: str, paid: str, language: str) -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        eve.client.headers["Accept-Language"] = ada.client.headers["Accept-Language"] = language
        order = await an_order(office, eve)
        page = await seen_as(office, eve, order, status=status, payment=payment(paid, HOSTILE))
        listings = await ada.open("/listings")
    # Why a payment failed is for the buyer alone, and why a refund did for the seller.
    readers = {"created": [page], "complete": [listings], "cancelled": [page, listings]}
    for shown in readers[status]:
        assert shown.status == 200
        assert HOSTILE in shown.text
        assert "<b>" not in shown.html


async def test_what_others_said_is_marked_as_english_where_it_is_not_translated() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        eve.client.headers["Accept-Language"] = "de"
        order = await an_order(office, eve)
        page = await seen_as(office, eve, order, payment=payment("failed", "Your bank called"))
        assert '<span lang="en">Your bank called</span>' in page.html
        page = await seen_as(office, eve, order, status="cancelled", payment=payment("paid", LATE))
        assert "Das Geld kam nach dem Ende der Bestellung" in page.text


async def test_people_hear_nothing_of_keys() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    office.actors.answer(Reserve, OutcomeUnknown(reason="lost"))
    async with browsing(office, EVE) as eve:
        page = await eve.send((await eve.open(ticket)).form("/orders"))
    assert "It is not known yet whether this went through. Trying again finds out." in page.text
    assert "Idempotency-Key" not in page.text


async def test_a_price_that_changed_at_the_last_moment_is_said_before_it_is_paid() -> None:
    # Given somebody who looks at a ticket while its seller changes the price,
    office = FakeOffice()
    ticket = await listed(office, price="19.99")
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        form = (await eve.open(ticket)).form("/orders")
        await ada.send((await ada.open(f"{ticket}/edit")).form(f"{ticket}/edit"), price="200")

        # when they press the button that says the old one, then the order says so,
        page = await eve.send(form)
        assert "The price changed from $19.99 to $200.00" in page.text
        order = eve.path
        assert re.fullmatch(r"/orders/[0-9a-f]{24}\?seen=1999", order)

        # until it is paid or over, and to nobody who saw the right one.
        page = await eve.send(page.form(f"{order.partition('?')[0]}/cancel"))
        assert "The price changed" not in (await eve.open(order)).text
        await eve.send((await eve.open(ticket)).form("/orders"))
        assert "?" not in eve.path


@pytest.mark.parametrize("seen", ["", "x", "-1", "1" * 9, "١"])
async def test_a_price_that_nobody_saw(seen: str) -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        order = await an_order(office, eve)
        page = await eve.open(f"{order}?seen={seen}")
    assert page.status == 200
    assert "The price changed" not in page.text


async def test_all_orders_can_be_reached_newest_first() -> None:
    # Given more orders than a page has, two of a moment each,
    office = FakeOffice()
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        for n in range(2 * SHOWN_MAX + 1):
            await reserved(eve, await listed(office, f"seat {n:02}"))
            office.clock.advance(seconds=n % 2)

        # when somebody turns the pages,
        path, shown = "/orders", []
        while path:
            page = await eve.open(path)
            shown += re.findall(r"/orders/([0-9a-f]{24})", " ".join(page.links))
            path = next((each for each in page.links if "after=" in each), "")

        # then every order is there once, the newest first.
        stored = office.database["orders"].documents
        newest_first = sorted(stored, key=lambda each: (stored[each]["createdAt"], each), reverse=True)
        assert shown == [str(each) for each in newest_first]

        # Nobody can turn the pages of others.
        assert (await ada.open(f"/orders?after={shown[0]}")).status == 403
        assert (await eve.open(f"/orders?after={ObjectId()}")).status == 404
        assert (await eve.open("/orders?after=x")).status == 404


async def test_listings_begin_after_a_ticket_that_exists() -> None:
    async with browsing(FakeOffice(), ADA) as ada:
        page = await ada.open(f"/listings?after={ObjectId()}")
    assert page.status == 400
    assert "A page begins after the id of a ticket that exists" in page.text


async def test_a_payment_that_has_no_page_cannot_be_continued() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        order = await an_order(office, eve)
        page = await seen_as(office, eve, order, status="awaiting:payment", payment=payment("processing", ""))
        assert "A payment is under way" in page.text
        assert actions_of(page, order) == ["cancel"]
        at_bank = payment("requires_action", "") | {"nextAction": {"kind": "redirect_to_url"}}
        assert actions_of(await seen_as(office, eve, order, payment=at_bank), order) == ["cancel"]
        on_page = payment("requires_action", "") | {"nextAction": {"kind": "checkout"}}
        page = await seen_as(office, eve, order, payment=on_page)
        assert "The payment page waits for you" in page.text
        assert "A payment is under way" not in page.text
        assert actions_of(page, order) == ["pay", "cancel"]


@pytest.mark.parametrize(
    ("stopping", "why"), [("expired", "The time to pay is over."), ("cancelled", "You gave the ticket back.")]
)
async def test_while_an_order_ends_there_is_nothing_to_do_but_to_ask_for_the_money(stopping: str, why: str) -> None:
    # Given a payment on Stripe's page that is being ended,
    office = FakeOffice()
    on_page = payment("requires_action", "") | {"nextAction": {"kind": "checkout"}}
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        order = await an_order(office, eve)
        await seen_as(office, eve, order, status="awaiting:payment", payment=on_page)
        assert "The buyer can pay until" in (await ada.open("/listings")).text
        page = await seen_as(office, eve, order, stopping=stopping)

        # then buyers hear of that, and neither they nor the seller of a time to pay.
        assert f"{why} We are asking whether your payment came before that." in page.text
        assert actions_of(page, order) == []
        assert "Pay by" not in page.text
        assert order in page.links, "to look again"
        assert "can pay until" not in (await ada.open("/listings")).text


async def test_a_seller_hears_of_no_time_to_pay_that_is_past() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        await an_order(office, eve)
        office.clock.advance(minutes=16)
        assert "can pay until" not in (await ada.open("/listings")).text


async def test_money_on_its_way_back_is_not_said_to_be_back() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        order = await an_order(office, eve)
        page = await seen_as(office, eve, order, status="complete", payment=payment("refunding", BY_THE_SELLER))
        listings = await ada.open("/listings")
    assert "The seller is giving you your $19.99 back. The ticket stays yours until the money is back." in page.text
    assert "This page is your receipt" not in page.text
    assert "The money is on its way back to the buyer: $19.99" in listings.text
    for each in (page, listings):
        assert BY_THE_SELLER not in each.text


async def test_a_declined_payment_says_that_nothing_was_taken_and_why() -> None:
    # Given a card that is declined while its buyer waits for the page of payment,
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        page = await eve.open(order := await an_order(office, eve))
        page = await eve.send(page.form(f"{order}/pay"))

        # then the answer says so in full, and the next one is one press away.
        assert page.status == 402
        assert page.text.count("no money was taken. You can try again.") == 1
        assert page.text.count("The bank says") == 1
        assert actions_of(page, order) == ["pay", "cancel"]


async def test_an_order_that_cannot_be_paid_any_more_can_be_given_back() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve:
        order = await an_order(office, eve)
        last = payment("failed", "Declined") | {"attempt": ATTEMPTS_MAX}
        page = await seen_as(office, eve, order, payment=last)
    assert "There were too many: give the ticket back" in page.text
    assert "You can try again" not in page.text
    assert actions_of(page, order) == ["cancel"]


async def test_a_refund_leads_back_to_the_page_of_the_listings_that_it_is_on() -> None:
    # Given a seller whose sale is on an older page of what they listed,
    office = FakeOffice()
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        order = await an_order(office, eve)
        await seen_as(office, eve, order, status="complete", payment=payment("paid", ""))
        for _ in range(TICKETS_MAX):
            office.clock.advance(seconds=1)
            await listed(office)
        (older,) = [each for each in (await ada.open("/listings")).links if "after=" in each]

        # when they give the money back, then they are still on it.
        page = await ada.send((await ada.open(older)).form(f"{order}/refund"))
    assert (page.status, ada.path) == (200, older)
    assert "The money is on its way back to the buyer" in page.text


async def test_a_refund_that_is_refused_leads_back_to_the_listings() -> None:
    office = FakeOffice()
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        order = await an_order(office, eve)
        await seen_as(office, eve, order, status="complete", payment=payment("paid", ""))
        form = (await ada.open("/listings")).form(f"{order}/refund")
        await seen_as(office, eve, order, payment=payment("refunded", BY_THE_SELLER))
        page = await ada.send(form)
    assert page.status == 400
    assert "there is nothing to refund" in page.text
    assert page.links.count("/listings") == 2, "in the head of the page, and below the words"
    assert "check the address" not in page.text


def actions_of(page: Page, order: str) -> list[str]:
    """What one can do about an order on its page."""
    return [each.action.removeprefix(f"{order}/") for each in page.forms if each.action.startswith(order)]
