"""Every sentence has its translation, and no translation is left over."""

import re
from collections.abc import Iterator
from decimal import Decimal

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import actors.contract
import actors.gateway.intents
import actors.gateway.refunds
import actors.payment_news
import serve_app.refusals
import serve_app.web.errors
import serve_app.web.forms
from actors.contract import Refused
from actors.order_payment import STOPPED
from actors.order_refunds import BY_THE_SELLER, NOT_ARRIVED
from serve_app.web.texts import FOLDER, LANGUAGES, Texts
from serve_app.web.visits import FOLDER as TEMPLATES

REASONS = (
    "The money came after the order had ended; asking whether the ticket is still there",
    "The money came after the order had ended, and the ticket is gone",
    STOPPED,
    BY_THE_SELLER,
    NOT_ARRIVED,
    "No such payment was taken",
    actors.payment_news.SECOND,
    actors.payment_news.NOT_COMPLETED,
    actors.gateway.intents.NOTHING_TAKEN,
    actors.gateway.intents.DECLINED,
    actors.gateway.intents.REFUSED,
    actors.gateway.refunds.REFUSED,
    actors.gateway.refunds.FAILED,
    *actors.gateway.refunds.REASONS.values(),
)
"""What payments give as their reasons; what Stripe itself says is shown as it says it."""


PLACE = re.compile(r"\{[a-z]+\}")
"""Where the script fills something in."""


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
            assert set(PLACE.findall(each.id)) == set(PLACE.findall(str(each.string)))


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
@pytest.mark.parametrize(("typed", "meant"), [("12,50", "12.50"), ("12.50", "12.50"), (" 0,5 ", "0.5"), ("7.5", "7.5")])
def test_cents_may_stand_behind_a_comma_and_behind_a_point(language: str, typed: str, meant: str) -> None:
    """The keys of some phones have only one of them, whatever the language of the page."""
    assert Texts(language).number(typed) == Decimal(meant)


@pytest.mark.parametrize(("language", "typed"), [("en", "1,249"), ("de", "1.249")])
def test_three_digits_behind_it_are_thousands(language: str, typed: str) -> None:
    assert Texts(language).number(typed) == 1249


@pytest.mark.parametrize(("language", "typed"), [("en", "1.000"), ("en", "2.505"), ("de", "1,000"), ("de", "0,125")])
def test_who_groups_thousands_as_others_do_sells_nothing_for_a_thousandth(language: str, typed: str) -> None:
    assert Texts(language).number(typed) is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_nothing_in_every_language(language: str) -> None:
    assert Texts(language).translations.gettext("") == ""
