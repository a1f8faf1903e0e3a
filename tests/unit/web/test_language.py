"""Which language a reader gets, and how they choose another."""

import pytest
from starlette.requests import Request

from serve_app.web.language import language_of
from tests.unit.api.fakes import FakeOffice
from tests.unit.web.browser import browsing
from tests.unit.web.shop import EVE, listed, reserved


@pytest.mark.parametrize(
    ("header", "language"),
    [("de", "de"), ("EN", "en"), ("EN-US", "en"), ("DE", "de"), ("De-At", "de"), ("de-CH-1996", "de"),
     ("fr, de; q=0.8, en;q=0.9", "en"), ("de ;Q=0.5, fr", "de"), ("en;q=0, de;q=0.001", "de"), ("de;q=0", "en"),
     ("", "en"), ("*", "en"), (",;,", "en"), ("de;q=much", "en"), ("de;q=nan, en", "en"), ("é", "en"),
     ("a" * 15_000 + "!", "en"), ("a-" * 7_000 + "!", "en"), (" " * 15_000 + "!", "en")],
)  # fmt: skip
def test_the_first_language_of_a_browser_that_there_is(header: str, language: str) -> None:
    headers = [(b"accept-language", header.encode("latin-1"))]
    assert language_of(Request({"type": "http", "headers": headers})) == language


async def test_every_page_is_there_however_the_header_is_written() -> None:
    async with browsing(FakeOffice()) as somebody:
        for path, status in (("/", 200), ("/nowhere", 404)):
            assert (await somebody.open(path, **{"Accept-Language": "EN"})).status == status
            german = await somebody.open(path, **{"Accept-Language": "DE"})
            assert (german.status, 'lang="de"' in german.html) == (status, True)


@pytest.mark.parametrize("path", ["/?q=opera&sort=cheapest", "/signin?next=%2Fsell", "/nowhere?x=y"])
async def test_who_chooses_a_language_stays_where_they_are(path: str) -> None:
    async with browsing(FakeOffice()) as somebody:
        page = await somebody.open(path)
        german = await somebody.send(page.form("/language"), language="de")
        assert 'lang="de"' in german.html
        assert somebody.path == path


async def test_also_where_the_answer_to_a_form_is_shown() -> None:
    # Given the page of a refusal, which has the address of its form,
    office = FakeOffice()
    ticket = await listed(office)
    async with browsing(office, EVE) as eve:
        order = await reserved(eve, ticket)
        page = await eve.open(order)
        cancelled = await eve.client.delete(f"/api{order}")
        assert cancelled.status_code == 204
        page = await eve.send(page.form(f"{order}/pay"))
        assert (eve.path, page.status) == (f"{order}/pay", 400)
        assert f'data-here="{order}"' in page.html, "where the script looks for what has become of it"

        # when they choose a language there, then they are where the form was about.
        german = await eve.send(page.form("/language"), language="de")
        assert (eve.path, german.status, 'lang="de"' in german.html) == (order, 200, True)
