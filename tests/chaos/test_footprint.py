"""What an idle office weighs, and how soon a second start is ready. The figures are printed."""

import time

import psutil
import pytest

from tests.chaos.victims import family
from tests.integration.office import Office

MEMORY_MAX_MIB = 2048
READY_MAX_S = 30


def test_an_idle_office_weighs_at_most_two_gib(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    assert office.process is not None
    weights = sorted((weight_mib(each), title(each)) for each in [*family(office), psutil.Process(office.process.pid)])
    total = sum(weight for weight, _ in weights)
    with capsys.disabled():
        print(f"\nidle: {total:.0f} MiB in {len(weights)} processes (proportional set size); the heaviest:")
        print("\n".join(f"  {weight:6.1f} MiB  {name}" for weight, name in reversed(weights[-8:])))
    assert total <= MEMORY_MAX_MIB


def test_a_second_start_is_ready_within_half_a_minute(office: Office, capsys: pytest.CaptureFixture[str]) -> None:
    office.stop()
    began = time.monotonic()
    office.start()
    took_s = time.monotonic() - began
    with capsys.disabled():
        print(f"\na second start was ready after {took_s:.1f} s")
    assert took_s <= READY_MAX_S


def weight_mib(process: psutil.Process) -> float:
    """Proportional set size: shared pages count for each process in part."""
    try:
        return float(process.memory_full_info().pss) / 2**20
    except psutil.Error:
        return 0.0


def title(process: psutil.Process) -> str:
    """What `ps` calls it."""
    try:
        return " ".join(process.cmdline())[:80]
    except psutil.Error:
        return "gone"
