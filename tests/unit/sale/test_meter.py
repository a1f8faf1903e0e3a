"""The generator's own limits."""

from dataclasses import replace

import pytest

from cluster.sale.busy import Busy, Reading
from cluster.sale.meter import Limits, Meter


def limits(cpu: float = 0.3, machine: float = 0.5, lag_ms: float = 5, wait_ms: float = 0, till_ms: float = 0) -> Limits:
    """Those of a generator that has time to spare, except for what is said."""
    return Limits(cpu=cpu, machine_cpu=machine, lag_ms_p99=lag_ms, wait_ms_p99=wait_ms, till_wait_ms_p99=till_ms)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (limits(), "none"),
        (limits(cpu=0.95), "generator"),
        (limits(cpu=0.95, machine=1.0, lag_ms=500), "generator"),
        (limits(lag_ms=500), "generator"),
        (limits(machine=0.99, lag_ms=500), "machine"),
        (limits(wait_ms=4_000), "connections"),
        (limits(till_ms=4_000), "connections"),
        (limits(machine=0.99, wait_ms=4_000), "machine"),
    ],
)
def test_nobody_takes_the_generator_for_the_server(found: Limits, expected: str) -> None:
    assert found.bottleneck == expected
    assert ("the server's" in found.sentence()) == (expected == "none")


def test_the_machine_of_the_generator_is_not_taken_for_that_of_the_server() -> None:
    busy = limits(machine=0.99)
    assert "server and everything else on it shared it" in busy.sentence()
    apart = replace(busy, shares_machine=False)
    assert (apart.bottleneck, "shared" in apart.sentence()) == ("machine", False)
    assert "generator's machine was fully busy: the server, on another one, may be faster" in apart.sentence()
    assert Meter(shares_machine=False).limits().shares_machine is False


def test_how_long_buyers_waited_is_told_whatever_the_verdict() -> None:
    for found in (limits(machine=0.99, wait_ms=4_000), limits(wait_ms=4_000)):
        assert "4,000 ms (p99), with a ticket 0 ms" in " ".join(found.words())


def test_it_is_judged_by_the_busiest_second() -> None:
    # Given a sale of three busy seconds and nine quiet ones,
    clocks = iter([Reading(n, min(n, 3), 0) for n in range(14)])
    meter = Meter(busy=Busy(clocks.__next__, cores=1))
    for _ in range(12):
        meter.busy.look()
    # then the generator had nothing left.
    assert meter.limits().bottleneck == "generator"


def test_a_generator_that_stood_still_for_a_fifth_of_the_time_has_no_time_to_spare() -> None:
    # Given six stalls of a second and a half, which are a hundredth of the timers and a fifth of the time,
    clocks = iter([Reading(0, 0, 0), Reading(40, 4, 20)])
    meter = Meter(lags_ms=[2.0] * 640 + [1_500.0] * 6, busy=Busy(clocks.__next__, cores=1))
    # then nobody takes it for a quick one.
    found = meter.limits()
    assert found.lag_ms_p99 > 1_000
    assert found.bottleneck == "generator"
