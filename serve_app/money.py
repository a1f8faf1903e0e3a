"""Dollars, as people and JSON write them, to whole cents and back; never through binary fractions."""

import re
from decimal import Context, Decimal, Inexact, InvalidOperation

CENTS_MAX = 99_999_999
"""The highest price: 999,999.99 dollars."""

_DOLLARS_MAX = Decimal(CENTS_MAX) / 100

_WRITTEN = re.compile(r"[0-9]{1,9}(\.[0-9]{1,2})?")
_EXACT = Context(prec=34, traps=[Inexact, InvalidOperation])
"""Refuses to round: a result that does not fit raises."""


def cents_of(value: object) -> int:
    """Whole cents for a JSON number (an int or a Decimal) or a string such as "20.00".

    Raises:
        ValueError: it is not a price: not a number, not above 0, too high, or finer than a cent.
    """
    dollars = _decimal(value)
    if not dollars.is_finite() or not 0 < dollars <= _DOLLARS_MAX:
        raise ValueError("not a price")
    try:
        cents = _EXACT.multiply(dollars, 100)
    except Inexact:
        raise ValueError("finer than a cent") from None
    if cents != int(cents):
        raise ValueError("finer than a cent")
    return int(cents)


def dollars_of(cents: int) -> float:
    """The number of dollars to show; its shortest decimal form is exact up to `CENTS_MAX` and far beyond."""
    return cents / 100


def _decimal(value: object) -> Decimal:
    if isinstance(value, str) and _WRITTEN.fullmatch(value.strip()):
        return Decimal(value.strip())
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return Decimal(value)
    raise ValueError("not a number")
