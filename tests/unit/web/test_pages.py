"""Every page and every form, without scripts."""

import re

import pytest
from bson import ObjectId
from pymongo.errors import ExecutionTimeout

from actors.contract import TICKET_RESERVED, OutcomeUnknown, Overloaded, Reserve, SignUp
from serve_app.refusals import INVALID_AFTER
from serve_app.sessions import COOKIE
from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import browsing
from tests.unit.web.shop import ADA, EVE, listed, reserved


async def test_who_signs_up_or_in_comes_back_to_the_page_that_led_there() -> None:
    async with browsing(FakeOffice()) as somebody:
        searched = (await somebody.open("/?q=opera")).links
        assert {"/signin?next=/%3Fq%3Dopera", "/signup?next=/%3Fq%3Dopera"} <= set(searched)
        for path in ("/", "/signin", "/signup?next=/sell"):
            assert "/signup" in (await somebody.open(path)).links


async def test_signing_up_out_and_in() -> None:
    async with browsing(FakeOffice()) as somebody:
        page = await somebody.open("/signup?next=/sell")
        page = await somebody.send(page.form("/signup"), email="Ada@Example.com", password="correct horse")
        assert (somebody.path, page.status) == ("/sell", 200)
        assert "ada@example.com" in page.text

        page = await somebody.send(page.form("/signout"))
        assert "ada@example.com" not in page.text

        page = await somebody.open("/signin")
        wrong = await somebody.send(page.form("/signin"), email="ada@example.com", password="wrong horse")
        assert wrong.status == 400
        assert "The e-mail address or the password is wrong" in wrong.text
        nobody = await somebody.send(wrong.form("/signin"), email="eve@example.com", password="wrong horse")
        assert nobody.status == 400
        assert "The e-mail address or the password is wrong" in nobody.text
        page = await somebody.send(nobody.form("/signin"), email="ada@example.com", password="correct horse")
        assert somebody.path == "/"
        assert "ada@example.com" in page.text


async def test_a_form_says_which_field_is_wrong_and_keeps_the_rest() -> None:
    async with browsing(FakeOffice(), ADA) as ada:
        page = await ada.open("/sell")
        page = await ada.send(page.form("/sell"), title="<b>Opera</b>", price="19.999")
    assert page.status == 400
    assert "A price is more than 0" in page.text
    assert 'aria-describedby="price-problem"' in page.html
    assert page.form("/sell").fields["title"] == "<b>Opera</b>"
    assert "<b>" not in page.html


async def test_selling_and_changing() -> None:
    office = FakeOffice()
    ticket = await listed(office, "<script>alert(1)</script>", "19.99")
    async with browsing(office, ADA) as ada:
        page = await ada.open(ticket)
        assert "<script>alert" not in page.html
        assert "<bdi data-title>&lt;script&gt;" in page.html, "it turns no text around it either"
        assert "$19.99" in page.text
        page = await ada.open(f"{ticket}/edit")
        assert page.form(f"{ticket}/edit").fields["price"] == "19.99"
        await ada.send(page.form(f"{ticket}/edit"), price="1,000.50")
        assert "$1,000.50" in (await ada.open(ticket)).text
    async with browsing(office, EVE) as eve:
        assert (await eve.open(f"{ticket}/edit")).status == 403


async def test_the_way_of_a_buyer() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        order = await reserved(eve, ticket)
        page = await eve.open(order)
        assert "Waiting for your payment" in page.text
        assert "You hold this ticket" in (await eve.open(ticket)).text
        assert "Opera" in (await eve.open("/orders")).text
        page = await eve.send(page.form(f"{order}/cancel"))
        assert (eve.path, page.status) == (order, 200)
        assert "You gave the ticket back" in page.text
        assert "Reserve for $19.99" in (await eve.open(ticket)).text


async def test_what_is_paid_is_a_receipt_and_a_sale() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        order = await reserved(eve, ticket)
        paid = await eve.client.post("/api/payments", json={"orderId": order.split("/")[-1], "token": "tok_visa"})
        assert paid.status_code == 201
        page = await eve.open(order)
        assert "This page is your receipt" in page.text
        assert "$19.99" in page.text
    async with browsing(office, ADA) as ada:
        page = await ada.open("/listings")
        assert "Sold for $19.99" in page.text
        assert page.form(f"{order}/refund")


async def test_a_double_click_is_one_order() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        form = (await eve.open(ticket)).form("/orders")
        await eve.send(form)
        first = eve.path
        await eve.send(form)
        assert eve.path == first
    assert len(office.database["orders"].documents) == 1


async def test_losing_a_race_says_so_and_offers_what_is_left() -> None:
    office = FakeOffice()
    ticket, other = await listed(office), await listed(office, "Ballet")
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        form = (await eve.open(ticket)).form("/orders")
        await reserved(ada, ticket)
        page = await eve.send(form)
    assert page.status == 409
    assert "Somebody was quicker" in page.text
    assert other in page.links


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"sold": True}, "“ Opera ” is sold. You have not been charged."),
        ({}, "Somebody held “ Opera ” when you asked, and does no longer."),
    ],
)
async def test_whoever_is_too_late_is_told_what_has_become_of_it_by_then(fields: dict[str, object], told: str) -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        form = (await eve.open(ticket)).form("/orders")
        office.database["tickets"].documents[ObjectId(ticket[-24:])] |= fields
        office.actors.answer(Reserve, TICKET_RESERVED)
        page = await eve.send(form)
    assert page.status == 409
    assert told in page.text
    assert "it is back on sale" not in page.text


async def test_whoever_holds_it_already_sees_the_order() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        form = (await eve.open(ticket)).form("/orders")
        order = await reserved(eve, ticket)
        await eve.send(form, key="another key")
        assert eve.path == order


async def test_a_crowd_makes_a_line_and_the_same_form_goes_again() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    office.actors.answer(Reserve, OutcomeUnknown(reason="lost"))
    async with browsing(office, EVE) as eve:
        form = (await eve.open(ticket)).form("/orders")
        page = await eve.send(form)
        assert page.status == 503
        assert "You are in line" in page.text
        assert page.form("/orders").fields["key"] == form.fields["key"]
        del office.actors.script[Reserve]
        await eve.send(page.form("/orders"))
        assert eve.path.startswith("/orders/")


@pytest.mark.parametrize(
    ("reply", "outcome"), [(OutcomeUnknown(reason="lost"), "unknown"), (Overloaded(reason="full"), None)]
)
async def test_a_script_is_told_where_it_is_not_known_what_became_of_a_form(
    reply: OutcomeUnknown | Overloaded, outcome: str | None
) -> None:
    office = FakeOffice()
    ticket = await listed(office)
    office.actors.answer(Reserve, reply)
    async with browsing(office, EVE) as eve:
        form = (await eve.open(ticket)).form("/orders")
        answer = await eve.client.post("/orders", data=form.fields)
    assert answer.status_code == 503
    assert answer.headers.get("x-outcome") == outcome


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "An earlier version of this form was already carried out"),
        ("de", "Eine frühere Fassung dieses Formulars"),
    ],
)
async def test_a_form_that_was_carried_out_is_not_sent_again_in_another_version(language: str, told: str) -> None:
    # Given a seller whose form was carried out, though they did not hear of it,
    office = FakeOffice()
    async with browsing(office, ADA) as ada:
        ada.client.headers["Accept-Language"] = language
        form = (await ada.open("/sell")).form("/sell")
        await ada.send(form, title="Tpyo", price="12")

        # when they send it with another title, then they hear of it, and where to look; and keep what they typed.
        page = await ada.send(form, title="Typo", price="12")
        assert page.status == 400
        assert told in page.text
        assert "Idempotency-Key" not in page.text
        assert page.links.count("/listings") == 3
        assert page.form("/sell").fields["title"] == "Typo"
    assert [each["title"] for each in office.database["tickets"].documents.values()] == ["Tpyo"]


@pytest.mark.parametrize("is_new", [True, False])
async def test_a_session_that_ends_while_a_ticket_is_written_loses_no_word_of_it(is_new: bool) -> None:
    # Given a seller who writes, and is signed out meanwhile,
    office = FakeOffice()
    path = "/sell" if is_new else f"{await listed(office)}/edit"
    async with browsing(office, ADA) as ada:
        form = (await ada.open(path)).form(path)
        cookie = ada.client.cookies.pop(COOKIE)

        # when they send it, then the page still holds what they wrote, and its key;
        page = await ada.send(form, title="An evening at the opera", price="12")
        assert page.status == 401
        assert "You are no longer signed in" in page.text
        assert "/signin" in page.links, "beside the form; the one in the head leads back to an empty one"
        kept = page.form(path)
        written = {"title": "An evening at the opera", "price": "12"}
        assert {**kept.fields, "csrf": ""} == {**form.fields, "csrf": "", **written}

        # and once they are signed in again, the same form is carried out.
        ada.client.cookies.set(COOKIE, cookie)
        page = await ada.send(kept)
        assert (page.status, "An evening at the opera" in page.text) == (200, True)


async def test_too_many_attempts_to_sign_in_are_said_above_the_form() -> None:
    async with browsing(FakeOffice()) as somebody:
        page = await somebody.open("/signin?next=/sell")
        for _ in range(10):
            page = await somebody.send(page.form("/signin"), email="eve@example.com", password="wrong horse")
        fields = {**page.form("/signin").fields, "email": "eve@example.com", "password": "wrong horse"}
        answer = await somebody.client.post("/signin", data=fields)
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 60
    assert "Too many attempts to sign in or up failed" in answer.text
    assert "You are in line</h1>" not in answer.text
    assert 'name="next" value="/sell"' in answer.text


async def test_who_is_to_sign_up_again_later_still_goes_where_they_wanted() -> None:
    office = FakeOffice()
    office.actors.answer(SignUp, OutcomeUnknown(reason="lost"))
    async with browsing(office) as somebody:
        page = await somebody.open("/signup?next=/sell")
        page = await somebody.send(page.form("/signup"), email="eve@example.com", password="correct horse")
        assert page.status == 503
        (again,) = [each for each in page.links if each.startswith("/signup?")]
        assert (await somebody.open(again)).form("/signup").fields["next"] == "/sell"


async def test_without_scripts_one_may_look_again() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve, browsing(office, ADA) as ada:
        order = await reserved(eve, ticket)
        assert order not in (await eve.open(order)).links
        office.database["orders"].documents[ObjectId(order[-24:])] |= {"status": "awaiting:payment"}
        assert order in (await eve.open(order)).links
        assert ticket in (await ada.open(ticket)).links


async def test_whoever_is_not_signed_in_comes_back_after() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office) as somebody:
        for path in ("/sell", "/orders", "/listings", f"{ticket}/edit"):
            page = await somebody.open(path)
            assert page.form("/signin").fields["next"] == path
        page = await somebody.open(ticket)
        somebody.client.headers["Referer"] = f"http://office{ticket}"
        page = await somebody.send(page.form("/orders"))
        assert page.form("/signin").fields["next"] == ticket


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)", "/\n"]
)
async def test_nobody_is_sent_elsewhere(back: str) -> None:
    async with browsing(FakeOffice()) as somebody:
        answer = await somebody.client.get("/signin", params={"next": back})
    assert answer.status_code == 200
    assert 'name="next" value="/"' in answer.text


async def test_unknown_addresses_look_like_the_rest() -> None:
    async with browsing(FakeOffice(), EVE) as eve:
        for path in ("/nowhere", "/tickets/1", f"/tickets/{ObjectId()}", f"/orders/{ObjectId()}", "/static/x.css"):
            page = await eve.open(path)
            assert page.status == 404, path
            assert "/signout" in [each.action for each in page.forms]


async def test_a_search_that_takes_too_long_is_no_wrong_address() -> None:
    office = FakeOffice()
    async with browsing(office) as somebody:
        with office.broken(ExecutionTimeout("slow"), "find"):
            page = await somebody.open("/?q=opera")
    assert page.status == 503
    assert "This search takes too long" in page.text
    assert "Please reload this page in a moment." in page.text
    assert "check the address" not in page.text


async def test_a_defect_looks_like_the_rest_and_tells_nothing() -> None:
    office = FakeOffice()
    async with browsing(office) as somebody:
        with office.broken(RuntimeError("the secret reason")):
            page = await somebody.open("/")
    assert page.status == 500
    assert "It is our fault" in page.text
    assert "secret" not in page.html


@pytest.mark.parametrize("token", [None, "", "wrong"])
async def test_a_form_of_another_site_does_nothing(token: str | None) -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        fields = (await eve.open(ticket)).form("/orders").fields
        fields.pop("csrf")
        answer = await eve.client.post("/orders", data=fields if token is None else {**fields, "csrf": token})
    assert answer.status_code == 403
    assert not office.database["orders"].documents


async def test_a_form_older_than_its_browsers_name_counts_where_the_browser_says_that_it_is_ours() -> None:
    """A first visit that opens two pages at once is named twice, and the later name stays."""
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        fields = (await eve.open(ticket)).form("/orders").fields
        eve.client.cookies.delete("browser")
        eve.client.cookies.set("browser", "another-name")
        ours = {"Sec-Fetch-Site": "same-origin"}
        assert (await eve.client.post("/orders", data=fields)).status_code == 403
        assert (await eve.client.post("/orders", data=fields, headers=ours)).status_code == 303
    assert len(office.database["orders"].documents) == 1


async def test_a_script_is_told_where_to_go() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        form = (await eve.open(ticket)).form("/orders")
        answer = await eve.client.post("/orders", data=form.fields, headers={"X-BoxOffice-Script": "1"})
    assert answer.status_code == 204
    assert re.fullmatch(r"/orders/[0-9a-f]{24}", answer.headers["x-location"])


async def test_headers_forbid_what_no_page_needs() -> None:
    async with browsing(FakeOffice()) as somebody:
        answer = await somebody.client.get("/")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert "form-action 'self' https://checkout.stripe.com" in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert "HttpOnly" in answer.headers["set-cookie"]


async def test_static_files_are_kept_for_ever_under_names_that_change() -> None:
    async with browsing(FakeOffice()) as somebody:
        page = await somebody.open("/")
        (css,) = re.findall(r'href="(/static/[^"]+)"', page.html)
        (js,) = re.findall(r'src="(/static/[^"]+)"', page.html)
        for path, kind in ((css, "text/css"), (js, "text/javascript")):
            answer = await somebody.client.get(path)
            assert answer.headers["content-type"].startswith(kind)
            assert "immutable" in answer.headers["cache-control"]


async def test_sorting_searching_and_paging() -> None:
    office = FakeOffice()
    for n in range(33):
        await listed(office, f"seat {n}", f"{n % 7 + 1}")
        office.clock.advance(seconds=1)
    async with browsing(office) as somebody:
        page = await somebody.open("/?sort=cheapest&q=&available=true")
        (more,) = [each for each in page.links if "after=" in each]
        rest = await somebody.open(more)
        shown = [float(each) for each in re.findall(r"data-price>\$([\d.]+)<", page.html + rest.html)]
        assert len(shown) == 33
        assert shown == sorted(shown)
        assert "seat 32" in (await somebody.open("/?q=SEAT+32")).text
        assert "There is nothing here" in (await somebody.open("/?q=no+such")).text
        assert (await somebody.open("/?after=x")).status == 400


@pytest.mark.parametrize(("sort", "now"), [("cheapest", "999"), ("dearest", "1")])
async def test_a_price_that_changes_between_two_pages_hides_no_ticket(sort: str, now: str) -> None:
    # Given more tickets than a page shows, by their price,
    office = FakeOffice()
    every = {await listed(office, f"seat {n}", f"{n + 10}") for n in range(40)}
    async with browsing(office) as somebody, browsing(office, ADA) as ada:
        page = await somebody.open(f"/?sort={sort}")
        (more,) = [each for each in page.links if "after=" in each]
        first = [each for each in page.links if each.startswith("/tickets/")]

        # when the last ticket of a page gets another price, then the next page begins where that page ended;
        await ada.send((await ada.open(f"{first[-1]}/edit")).form(f"{first[-1]}/edit"), price=now)
        rest = await somebody.open(more)
        assert {*first, *(each for each in rest.links if each.startswith("/tickets/"))} == every

        # and a page that begins at no price is refused, as one that begins behind no ticket is.
        for wrong in ("x", "0", "-1", "1e3", "9" * 9, "\u0661"):
            page = await somebody.open(f"{re.sub('at=[0-9]+', '', more)}&at={wrong}")
            assert page.status == 400, wrong
            assert INVALID_AFTER.message in page.text
        assert (await somebody.open("/?sort=newest&at=x")).status == 200, "it is nothing to other orders"


async def test_the_heaviest_page_weighs_less_than_60_kb() -> None:
    office = FakeOffice()
    for _ in range(31):
        await listed(office, "&" * 200, "999999.99")
    async with browsing(office, EVE) as eve:
        assert len((await eve.open("/")).html.encode()) < 60_000
