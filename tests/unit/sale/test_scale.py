"""Axes."""

import pytest

from cluster.sale.scale import nice, ticks


@pytest.mark.parametrize(
    ("value", "expected"), [(0, 1), (0.3, 0.5), (1, 1), (1.5, 2), (3, 5), (51, 100), (1000, 1000), (0.1, 0.1)]
)
def test_steps_are_round_numbers(value: float, expected: float) -> None:
    assert nice(value) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("top", "expected"),
    [(0, [0, 1]), (100, [0, 50, 100]), (130, [0, 50, 100, 150]), (3, [0, 1, 2, 3]), (0.4, [0, 0.1, 0.2, 0.3, 0.4])],
)
def test_an_axis_ends_just_above_its_highest_value(top: float, expected: list[float]) -> None:
    assert ticks(top, 4) == pytest.approx(expected)
