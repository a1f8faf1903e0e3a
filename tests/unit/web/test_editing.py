"""Changing a ticket: what is put back by mistake, and what cannot be changed."""

import pytest
from bson import ObjectId

from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import browsing
from tests.unit.web.shop import ADA, EVE, listed, reserved


async def test_a_form_of_yesterday_puts_no_old_price_back_without_a_word() -> None:
    # Given a seller with the same ticket open in two tabs, who changes its price in one,
    office = FakeOffice()
    ticket = await listed(office, "Opera", "10")
    edit = f"{ticket}/edit"
    async with browsing(office, ADA) as ada:
        old = (await ada.open(edit)).form(edit)
        await ada.send((await ada.open(edit)).form(edit), price="500")

        # when they change the title in the other, then they hear of it and lose no word,
        page = await ada.send(old, title="Opera, row 2")
        assert page.status == 409
        assert "This ticket was changed meanwhile: it is “ Opera ” for $500.00 now." in page.text
        form = page.form(edit)
        assert (form.fields["title"], form.fields["price"]) == ("Opera, row 2", "10.00")
        assert "$500.00" in (await ada.open(ticket)).text

        # and whoever has read that may send it.
        await ada.send(form, price="450")
        page = await ada.open(ticket)
    assert "Opera, row 2" in page.text
    assert "$450.00" in page.text


async def test_the_same_form_twice_is_one_change() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    edit = f"{ticket}/edit"
    async with browsing(office, ADA) as ada:
        form = (await ada.open(edit)).form(edit)
        for _ in range(2):
            page = await ada.send(form, title=" Opera, row 2 ", price="12,50")
            assert (page.status, ada.path) == (200, ticket)
    assert [each["version"] for each in office.database["tickets"].documents.values()] == [1]


async def test_a_hold_that_came_and_went_is_no_change() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    edit = f"{ticket}/edit"
    async with browsing(office, ADA) as ada, browsing(office, EVE) as eve:
        form = (await ada.open(edit)).form(edit)
        order = await reserved(eve, ticket)
        await eve.send((await eve.open(order)).form(f"{order}/cancel"))
        page = await ada.send(form, price="12")
    assert (page.status, ada.path) == (200, ticket)
    assert "$12.00" in page.text


@pytest.mark.parametrize(
    ("fields", "why"), [({}, "Somebody holds “ Opera ”, so"), ({"sold": True}, "“ Opera ” is sold, so")]
)
async def test_what_is_held_or_sold_has_no_form_to_change_it(fields: dict[str, object], why: str) -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, ADA) as ada, browsing(office, EVE) as eve:
        await reserved(eve, ticket)
        office.database["tickets"].documents[ObjectId(ticket[-24:])] |= fields
        page = await ada.open(f"{ticket}/edit")
    assert why in page.text
    assert f"{ticket}/edit" not in [each.action for each in page.forms]
    assert page.links.count("/listings") == 2, "in the head of the page, and below the words"
