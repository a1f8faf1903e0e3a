"""Processor time is divided by the time in which it was used."""

from collections import namedtuple
from itertools import count

import pytest

from tests.benchmarks import meter
from tests.benchmarks.family import Family
from tests.benchmarks.meter import Meter, Use

Times = namedtuple("Times", "user idle iowait")

APART_S = 4.0
"""The looks of these tests are so far apart, whatever they were asked to be."""


class Machine:
    """Two cores; the measured side keeps one of them busy, somebody else half of the other."""

    def __init__(self) -> None:
        self._moments = count(100.0, APART_S)
        self._now_s = 0.0

    def monotonic(self) -> float:
        self._now_s = next(self._moments)
        return self._now_s

    def cpu_times(self) -> Times:
        return Times(user=1.5 * self._now_s, idle=0.25 * self._now_s, iowait=0.25 * self._now_s)

    def cpu_count(self) -> int:
        return 2

    def cpu(self) -> dict[int, tuple[str, float]]:
        return {1: ("ray::tickets/0", self._now_s)}


def test_shares_are_of_the_time_between_the_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine()
    monkeypatch.setattr(meter, "psutil", machine)
    monkeypatch.setattr(meter, "time", machine)
    family = Family(list)
    monkeypatch.setattr(Family, "cpu", lambda _: machine.cpu())

    use = Meter(family, load_s=0).use(generator_s=1.0)

    assert use == Use(side=1.0, generator=0.25, others=0.25, idle=0.5, programs={"ray::tickets/0": 1.0})
