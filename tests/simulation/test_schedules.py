"""Thousands of schedules, every one with its own faults: in the end everything is right, and at every moment too."""

import pytest

from .schedule import Result, run
from .tally import Tally

TELLING = 1_000
"""From how many schedules on rare faults must have happened."""


def test_nothing_goes_wrong(seeds: range, tally: Tally) -> None:
    for seed in seeds:
        result = run(seed)
        tally.add(result)
        if result.violation:
            pytest.fail(story(result), pytrace=False)


def test_every_fault_has_happened(tally: Tally) -> None:
    if tally.schedules < TELLING:
        pytest.skip(f"{tally.schedules} schedules are too few to tell")
    assert tally.seldom() == []


@pytest.mark.parametrize(
    "end",
    [
        "order complete, payment paid",
        "order cancelled, payment none",
        "order cancelled, payment failed",
        "order cancelled, payment refunded",
        "refused: ticket_reserved",
        "refused: order_cancelled",
        "refused: payment_in_progress",
        "refused: email_in_use",
    ],
)
def test_every_end_was_met(end: str, tally: Tally) -> None:
    if tally.schedules < TELLING:
        pytest.skip(f"{tally.schedules} schedules are too few to tell")
    assert tally.ends[end] >= tally.schedules // 20


def story(result: Result) -> str:
    """What went wrong, how to see it again, and what came just before it."""
    last = [line[:240] for line in result.trace.lines() if " kill " not in line][-40:]
    return "\n".join(
        [
            f"seed {result.seed}: {result.violation}",
            f"the whole of it: python -m tests.simulation {result.seed}",
            "the end of it:",
            *last,
        ]
    )
