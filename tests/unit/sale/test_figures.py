"""Counting, second by second."""

import pytest

from cluster.sale.figures import Figures, quantile


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([], 0.5, 0), ([7], 0.99, 7), ([1, 2, 3, 4], 0.5, 2), (list(range(1, 101)), 0.99, 99), ([1, 2], 1.0, 2)],
)
def test_quantiles_are_values_that_occurred(values: list[float], share: float, expected: float) -> None:
    assert quantile(values, share) == expected


def test_outcomes_are_counted_apart_and_by_second() -> None:
    figures = Figures()
    for outcome, at_s in (("reserved", 0.2), ("refused", 0.9), ("refused", 2.0), ("paid", 2.5)):
        figures.count(outcome, at_s)  # type: ignore[arg-type]
    figures.count("expired", 3.1, 5)
    assert figures.series("refused") == [1, 0, 1, 0]
    assert (figures.total("reserved"), figures.total("expired"), figures.total("failed")) == (1, 5, 0)
    assert figures.series("failed") == [0, 0, 0, 0]
    assert figures.series("refused", 0.5) == [0, 1, 0, 0, 1, 0, 0]


def test_latencies_are_kept_by_second() -> None:
    figures = Figures()
    for step, at_s, ms in (("reserve", 0.1, 5.0), ("reserve", 0.2, 1.0), ("pay", 2.9, 9.0)):
        figures.timed(step, at_s, ms)
    assert figures.answers() == [2, 0, 1]
    assert figures.latency_series() == [[1.0, 5.0], [], [9.0]]
    assert figures.recent(1.4) == [1.0, 5.0]
    assert figures.recent(0.4) == []
    assert figures.percentiles() == {0.5: 5.0, 0.95: 9.0, 0.99: 9.0}
    assert figures.percentiles("reserve") == {0.5: 1.0, 0.95: 5.0, 0.99: 5.0}


def test_nothing_has_no_seconds() -> None:
    assert Figures().length() == 0
    assert Figures().percentiles()[0.99] == 0


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([], 0.0),
        ([5.0], 1.0),  # not ten in a second because it took a tenth of one
        ([0.0, 0.1, 0.2, 0.3], 4.0),
        ([100.0, 100.5, 101.9, 101.9], 2.0),
    ],
)
def test_a_pace_is_that_of_the_time_from_the_first_to_the_last(moments: list[float], expected: float) -> None:
    figures = Figures()
    figures.count("failed", 500.0)
    figures.count("refused", 900.0, 0)  # somebody looked, and it had not happened
    for at_s in moments:
        figures.count("refused", at_s)
    assert figures.pace("refused") == pytest.approx(expected)


def test_two_that_are_more_than_a_second_apart_are_never_two_in_one() -> None:
    figures = Figures()
    for at_s in (7.0, 8.0):
        figures.count("paid", at_s)
    assert (figures.pace("paid"), figures.peak("paid")) == (1.0, 1)


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([], 0),
        ([5.0], 1),
        ([0.9, 1.0, 1.1], 3),  # the clock's own seconds have no more than two
        ([0.5, 1.4, 1.5], 2),
        ([n / 10 for n in range(5, 15)], 10),
    ],
)
def test_the_peak_is_the_busiest_second_wherever_it_begins_and_no_pace_is_above_it(
    moments: list[float], expected: int
) -> None:
    figures = Figures()
    for at_s in moments:
        figures.count("refused", at_s)
        figures.timed("reserve", at_s, 1.0)
    assert figures.peak("refused") == figures.peak_of_answers() == expected
    assert figures.pace("refused") <= expected
