"""serve_app.money: dollars to cents and back, exactly."""

from decimal import Decimal

import pytest

from serve_app.money import CENTS_MAX, cents_of, dollars_of


@pytest.mark.parametrize(
    ("written", "cents"),
    [(1, 100), (Decimal("0.01"), 1), (Decimal("20.00"), 2000), (Decimal("1e3"), 100000), ("20.00", 2000), ("7", 700),
     (" 1.5 ", 150), (Decimal("999999.99"), CENTS_MAX), (Decimal("1.10000000000000000000000000000000000000"), 110)],
)  # fmt: skip
def test_prices(written: object, cents: int) -> None:
    assert cents_of(written) == cents


@pytest.mark.parametrize(
    "written",
    [0, -1, True, False, None, [], {}, "", "-1", "+1", "1e3", "0x10", "1,5", "1.", ".5", "1.000", "NaN", "nan", "١",
     1.5, Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("-Infinity"), Decimal("1e400"),
     Decimal("1e-400"), Decimal("1e999999"), Decimal("-1e999999"), Decimal("1e-999999"), Decimal("1e-1999999"),
     Decimal("0.001"), Decimal("1.001"), Decimal("1000000"),
     Decimal("0.0100000000000000000000000000000000000001"),
     10**4000, "9" * 5000],
    ids=lambda value: repr(value)[:30],
)  # fmt: skip
def test_what_is_no_price(written: object) -> None:
    with pytest.raises(ValueError, match=r"not a|finer"):
        cents_of(written)


def test_every_price_comes_back_as_it_was_written() -> None:
    for cents in [*range(1, 20_000), *range(CENTS_MAX - 20_000, CENTS_MAX + 1)]:
        assert cents_of(Decimal(repr(dollars_of(cents)))) == cents
