"""Every sentence has its translation, and no translation is left over."""

from collections.abc import Iterator

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import actors.contract
import serve_app.refusals
import serve_app.web.errors
import serve_app.web.forms
from actors.contract import Refused
from actors.order_refunds import NOT_ARRIVED
from serve_app.web.texts import FOLDER, LANGUAGES, Texts
from serve_app.web.visits import FOLDER as TEMPLATES

REASONS = (
    "The money came after the order had ended; asking whether the ticket is still there",
    "The money came after the order had ended, and the ticket is gone",
    "Stopped: the order ended before it was paid",
    "Refunded by the seller",
    NOT_ARRIVED,
    "No such payment was taken",
    "Another payment for this order is under way",
    "The payment could not be processed; no money was taken",
)
"""What payments give as their reasons; what Stripe itself says is shown as it says it."""


def said() -> Iterator[object]:
    """Every sentence of the pages: one, or singular and plural."""
    options = {"**.html": {"extensions": "jinja2.ext.i18n", "trim_blocks": "true"}}
    for _, _, message, _, _ in extract_from_dir(TEMPLATES, [("**.html", "jinja2")], options):
        yield message
    for module in (actors.contract, serve_app.refusals, serve_app.web.errors, serve_app.web.forms):
        yield from (each.message for each in vars(module).values() if isinstance(each, Refused))
    yield from REASONS


def catalog(language: str) -> Catalog:
    with (FOLDER / f"{language}.po").open("rb") as file:
        return read_po(file, locale=language, abort_invalid=True)


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_a_language_is_complete(language: str) -> None:
    translated = {each.id: each.string for each in catalog(language) if each.id}
    assert set(said()) == set(translated)
    assert all(all(each) if isinstance(each, tuple) else each for each in translated.values())


@pytest.mark.parametrize("language", [each for each in LANGUAGES if each != "en"])
def test_what_is_filled_in_has_a_place(language: str) -> None:
    for each in catalog(language):
        assert not list(each.check()), each.id
        if isinstance(each.id, str):
            assert ("{time}" in each.id) == ("{time}" in str(each.string))


@pytest.mark.parametrize(
    ("language", "price", "amount", "typed"),
    [("en", "$1,234.50", "1234.50", "1,234.50"), ("de", "1.234,50\N{NO-BREAK SPACE}$", "1234,50", "1.234,50")],
)
def test_prices(language: str, price: str, amount: str, typed: str) -> None:
    texts = Texts(language)
    assert texts.price(123_450) == price
    assert texts.amount(123_450) == amount
    assert texts.number(typed) == texts.number("1234.50") == texts.number(amount)
    for nothing in ("much", "", "NaN", "sNaN", "Infinity", "-Infinity", "1e9", "1e999999999"):
        assert texts.number(nothing) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_nothing_in_every_language(language: str) -> None:
    assert Texts(language).translations.gettext("") == ""
