"""When a request is repeated."""

import pytest

from cluster.sale.patience import AGAIN_MAX_S, AGAIN_S, pause_s, prepare_max_s


@pytest.mark.parametrize(
    ("told", "expected"),
    [(None, AGAIN_S), ("", AGAIN_S), ("0", 0.0), ("2", 2.0), ("3600", AGAIN_MAX_S), ("Wed, 21 Oct 2015", AGAIN_MAX_S)],
)
def test_the_server_says_when_within_limits(told: str | None, expected: float) -> None:
    assert pause_s(told) == expected


def test_a_preparation_may_take_longer_the_more_there_is_to_do() -> None:
    assert 60 <= prepare_max_s(3, 2) < 62
    assert prepare_max_s(1_000, 100) > 200
