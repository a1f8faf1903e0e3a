"""What pages say, in the reader's language: sentences, prices and times. English is the key of every other language."""

import re
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from gettext import GNUTranslations, NullTranslations
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.dates import format_datetime
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import NumberFormatError, format_currency, parse_decimal

FOLDER = Path(__file__).parent / "locale"
LANGUAGES = {"en": "English", "de": "Deutsch"}
"""The languages there are, each by its own name; all but the first have a file `<code>.po`."""

CURRENCY = "USD"

DECIMALS_MAX = 2
"""Of an amount of money."""

_ENGLISH = Locale("en")
_WITH_COMMA = re.compile(r"[0-9]+,[0-9]{1,2}")
"""A number that some phones can only write with a comma; a group of thousands would have three digits."""


class Texts:
    """One language."""

    def __init__(self, language: str) -> None:
        """Read its sentences, once per process: see `texts_in`."""
        self.language = language
        self.translations = translations(language)
        self._locale = Locale.parse("en_US" if language == "en" else language)

    def price(self, cents: int) -> str:
        """An amount of money."""
        return format_currency(Decimal(cents) / 100, CURRENCY, locale=self._locale)

    def amount(self, cents: int) -> str:
        """An amount without the currency, as one would type it."""
        text = f"{Decimal(cents) / 100:.2f}"
        return text.replace(".", self._locale.number_symbols["latn"]["decimal"])

    def moment(self, at: datetime) -> str:
        """A time in UTC, which it says; scripts turn it into the reader's own."""
        return f"{format_datetime(at.astimezone(UTC), 'medium', locale=self._locale)} UTC"

    def number(self, text: str) -> Decimal | None:
        """An amount as people of this language write it, or with a decimal point or comma; None for anything else.

        `NaN`, `Infinity` and `1e9` are numbers to Python, not to people. Three decimals are those of who groups his
        thousands as another language does: what is on sale for a thousandth is gone before he sees it.
        """
        if any(each.isalpha() for each in text):
            return None
        typed = text.strip()
        for locale in (self._locale, _ENGLISH):
            try:
                amount = parse_decimal(typed, locale=locale, strict=True)
            except (NumberFormatError, InvalidOperation):  # the second of more digits than decimals have
                continue
            return amount if _decimals_of(amount) <= DECIMALS_MAX else None
        return Decimal(typed.replace(",", ".")) if _WITH_COMMA.fullmatch(typed) else None


def _decimals_of(amount: Decimal) -> int:
    """How many were written: of `1.000` three."""
    exponent = amount.as_tuple().exponent
    return -exponent if isinstance(exponent, int) else 0


class Sentences(GNUTranslations):
    """The sentences of a file. Nothing stays nothing: gettext itself would say the file's header."""

    def gettext(self, message: str) -> str:
        """The sentence in this language; as it is where nobody has translated it."""
        return super().gettext(message) if message else ""


def translations(language: str) -> NullTranslations:
    """The sentences of one language."""
    if language == "en":
        return NullTranslations()
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalog = read_po(file, locale=language, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Sentences(compiled)


@cache
def texts_in(language: str) -> Texts:
    """The texts of one of `LANGUAGES`."""
    return Texts(language)
