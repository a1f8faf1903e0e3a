"""The busiest second, however long it is quiet before and after."""

from collections.abc import Iterator

import pytest

from cluster.sale.busy import Busy, Reading


def readings(*seconds: tuple[float, float]) -> Iterator[Reading]:
    """The clocks of a machine with two cores: at the start, and after each second in which it and we were so busy."""
    wall = used = idle = 0.0
    yield Reading(wall, used, idle)
    for ours, everybodys in seconds:
        wall, used, idle = wall + 1, used + ours, idle + 2 * (1 - everybodys)
        yield Reading(wall, used, idle)


def test_a_rush_is_not_hidden_by_the_pause_after_it() -> None:
    # Given three seconds in which the generator has nothing left, and nine in which buyers think,
    seconds = [(1.0, 0.7)] * 3 + [(0.0, 0.1)] * 9
    busy = Busy(readings(*seconds).__next__, cores=2)
    for _ in seconds:
        busy.look()
    # then it had nothing left: the mean of 25 % is nobody's.
    assert (busy.cpu, busy.machine_cpu) == (pytest.approx(1.0), pytest.approx(0.7))


@pytest.mark.parametrize(
    ("moments", "expected"),
    [
        ([(0.1, 0.1)], 1.0),  # a sale that was over at once
        ([(1.0, 0.2), (1.1, 0.3)], 0.2),  # a rest of a tenth of a second, all of it busy
        ([(1.0, 0.2), (1.6, 0.8)], 1.0),
    ],
)
def test_the_rest_counts_if_it_is_all_or_long_enough(moments: list[tuple[float, float]], expected: float) -> None:
    clocks = iter([Reading(0, 0, 0), *(Reading(wall_s, used_s, 0) for wall_s, used_s in moments)])
    busy = Busy(clocks.__next__, cores=1)
    for _ in moments[1:]:
        busy.look()
    busy.finish()
    assert busy.cpu == pytest.approx(expected)
