"""The generator's own limits."""

import pytest

from cluster.sale.meter import Limits


@pytest.mark.parametrize(
    ("cpu", "machine", "lag_ms", "expected"),
    [
        (0.3, 0.5, 5, "none"),
        (0.95, 0.5, 5, "generator"),
        (0.95, 1.0, 500, "generator"),
        (0.3, 0.5, 500, "generator"),
        (0.3, 0.99, 500, "machine"),
    ],
)
def test_nobody_takes_the_generator_for_the_server(cpu: float, machine: float, lag_ms: float, expected: str) -> None:
    limits = Limits(cpu=cpu, machine_cpu=machine, lag_ms_p99=lag_ms, wait_ms_p99=0)
    assert limits.bottleneck == expected
    assert ("the server's" in limits.sentence()) == (expected == "none")
