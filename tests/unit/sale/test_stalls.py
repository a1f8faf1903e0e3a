"""How late timers were, weighed by time."""

import pytest

from cluster.sale.stalls import weighed


@pytest.mark.parametrize(
    ("lags_ms", "expected"),
    [
        ([], []),
        ([2.0, -0.01], [-0.01, 2.0]),
        ([170.0, 3.0], [3.0, 20.0, 70.0, 120.0, 170.0]),
    ],
)
def test_a_stall_counts_for_every_timer_that_was_due_in_it(lags_ms: list[float], expected: list[float]) -> None:
    assert weighed(lags_ms, 50.0) == pytest.approx(expected)
