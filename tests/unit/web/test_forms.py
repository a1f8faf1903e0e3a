"""What visitors send along with a form, or instead of one: nothing of it breaks a page."""

import pytest
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from serve_app.web.api import Api
from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import Browser, browsing
from tests.unit.web.shop import ADA, EVE, listed, reserved

URLENCODED = "application/x-www-form-urlencoded"


def cookies_of(browser: Browser) -> str:
    return "; ".join(f"{name}={value}" for name, value in browser.client.cookies.items())


async def test_what_travels_with_a_form_need_not_be_ascii() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        fields = (await eve.open(ticket)).form("/orders").fields
        strange = [
            (b"Cookie", f"{cookies_of(eve)}; x=é".encode()),
            (b"X-Forwarded-For", "é, 198.51.100.1".encode()),
        ]
        answer = await eve.client.post("/orders", data=fields, headers=strange)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/orders/")
        form = (await eve.open("/")).form("/signout")
        answer = await eve.client.post("/signout", data=form.fields, headers=strange)
        assert answer.status_code == 303


@pytest.mark.parametrize("host", ["a b", "x:99999", "x:abc", "[::1", ""])
async def test_an_address_that_nobody_can_have_breaks_no_form(host: str) -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve, browsing(office) as nobody:
        for browser, place in ((eve, "/orders/"), (nobody, "/signin?")):
            fields = (await browser.open(ticket)).form("/orders").fields
            headers = {"Host": host, "Referer": f"http://office{ticket}"}
            answer = await browser.client.post("/orders", data=fields, headers=headers)
            assert answer.status_code == 303
            assert answer.headers["location"].startswith(place)


async def test_a_key_that_is_not_ascii_is_refused_in_words() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        page = await eve.send((await eve.open(ticket)).form("/orders"), key="schlüssel")
    assert page.status == 400
    assert "An Idempotency-Key has 1 to 255 printable ASCII characters" in page.text


async def test_the_api_hears_who_asks_line_by_line_and_nothing_else() -> None:
    heard: list[tuple[bytes, bytes]] = []

    async def api(scope: Scope, _: Receive, send: Send) -> None:
        heard.extend(scope["headers"])
        await Response("{}")(scope, _, send)

    asks = [(b"host", b"office"), (b"cookie", b"a=1"), (b"cookie", b"b=2"), (b"x-forwarded-for", b"6.6.6.6"),
            (b"x-forwarded-for", b"198.51.100.1")]  # fmt: skip
    scope = {"type": "http", "method": "POST", "path": "/", "query_string": b"", "scheme": "http", "client": ("::1", 1)}
    visitor = Request({**scope, "headers": [*asks, (b"user-agent", b"x"), (b"idempotency-key", b"theirs")]})
    await Api(api).ask(visitor, "POST", "/api/orders", key="ours")

    assert [each for each in heard if each[0] != b"content-length"] == [*asks, (b"idempotency-key", b"ours")]


@pytest.mark.parametrize("price", ["1e999999", "NaN", "sNaN", "-Infinity", "1e2", "1" + ",000" * 9])
async def test_a_number_that_nobody_writes_is_no_price(price: str) -> None:
    async with browsing(FakeOffice(), ADA) as ada:
        page = await ada.send((await ada.open("/sell")).form("/sell"), title="Opera", price=price)
    assert page.status == 400
    assert "A price is more than 0" in page.text


@pytest.mark.parametrize(
    ("kind", "content"),
    [
        ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="a\0"\r\n\r\n1\r\n--x--'),
        ("multipart/form-data; boundary=x; charset=klingon", b"--x--"),
        ("text/plain", b"csrf=1"),
        ("", b""),
    ],
)
async def test_a_form_that_is_sent_in_another_way_is_not_read(kind: str, content: bytes) -> None:
    async with browsing(FakeOffice(), EVE) as eve:
        answer = await eve.client.post("/orders", content=content, headers={"Content-Type": kind} if kind else {})
    assert answer.status_code == 415
    assert "This form could not be read" in answer.text


async def test_a_form_may_say_in_which_letters_it_is_written() -> None:
    async with browsing(FakeOffice()) as somebody:
        form = (await somebody.open("/")).form("/language")
        content = f"csrf={form.fields['csrf']}&language=de"
        kind = {"Content-Type": f"{URLENCODED}; charset=UTF-8"}
        assert (await somebody.client.post("/language", content=content, headers=kind)).status_code == 303


async def test_who_loads_the_answer_to_a_form_again_is_where_it_was_about() -> None:
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        order = await reserved(eve, ticket)
        for form, place in (
            (f"{order}/pay", order),
            (f"{order}/cancel", order),
            (f"{order}/refund", "/listings"),
            ("/signout", "/"),
            ("/language", "/"),
        ):
            page = await eve.open(form)
            assert (page.status, eve.path) == (200, place)


async def test_a_method_that_an_address_does_not_understand() -> None:
    async with browsing(FakeOffice(), EVE) as eve:
        answer = await eve.client.put("/orders")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, POST")
    assert "This address does not understand that method" in answer.text


async def test_a_sign_up_whose_answer_was_lost_can_be_sent_again() -> None:
    office = FakeOffice()
    async with browsing(office) as ada, browsing(office) as again, browsing(office) as other:
        filled = {"email": "ada@example.com", "password": "correct horse"}
        await ada.send((await ada.open("/signup")).form("/signup"), **filled)

        # The same once more is the same person, who wanted to get somewhere;
        page = await again.send((await again.open("/signup?next=/sell")).form("/signup"), **filled)
        assert (page.status, again.path) == (200, "/sell")
        assert "ada@example.com" in page.text

        # another password is somebody else.
        page = await other.send((await other.open("/signup")).form("/signup"), **{**filled, "password": "wrong horse"})
        assert page.status == 400
        assert "Email in use" in page.text


async def test_the_hint_for_a_password_is_tied_to_it() -> None:
    async with browsing(FakeOffice()) as somebody:
        page = await somebody.open("/signup")
        assert 'aria-describedby="password-hint"' in page.html
        page = await somebody.send(page.form("/signup"), email="ada@example.com", password="short")
        assert 'aria-describedby="password-problem password-hint"' in page.html
        assert 'id="password-hint"' in page.html
        assert 'id="password-problem"' in page.html
