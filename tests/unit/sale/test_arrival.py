"""Arrival curves."""

from random import Random

import pytest

from cluster.sale.arrival import WAVE_WIDTH, WAVES, arrivals
from cluster.sale.plan import Curve


def come(curve: Curve, buyers: int = 1000, seconds: float = 10.0, seed: int = 1) -> list[float]:
    return arrivals(curve, buyers, seconds, Random(seed))


@pytest.mark.parametrize("curve", ["at-once", "ramp", "waves"])
@pytest.mark.parametrize("buyers", [1, 3, 1000])
def test_everybody_comes_in_order_and_in_time(curve: Curve, buyers: int) -> None:
    moments = come(curve, buyers)
    assert len(moments) == buyers
    assert moments == sorted(moments)
    assert 0 <= moments[0] <= moments[-1] <= 10


def test_at_once_is_at_once() -> None:
    assert set(come("at-once")) == {0.0}


def test_a_ramp_grows_evenly() -> None:
    moments = come("ramp")
    by_second = [sum(n <= each < n + 1 for each in moments) for n in range(10)]
    assert by_second == sorted(by_second)
    assert by_second[0] == 10
    assert by_second[-1] == 190


def test_waves_come_apart() -> None:
    moments, step = come("waves"), 10 / WAVES
    for wave in range(WAVES):
        assert sum(wave * step <= each <= wave * step + step * WAVE_WIDTH for each in moments) == 1000 / WAVES


def test_the_same_seed_is_the_same_sale() -> None:
    assert come("waves") == come("waves")
    assert come("waves") != come("waves", seed=2)
