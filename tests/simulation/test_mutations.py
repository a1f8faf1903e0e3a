"""The simulation finds bugs: each of these is planted alone, and must be found in so many seeds at the most."""

import pytest

from .mutations import MUTATIONS
from .schedule import run

SEEDS_MAX = {"hold_numbers_are_ignored": 2_500}
"""Where a rare coincidence is needed: one schedule in 300 has it."""


@pytest.mark.parametrize("name", MUTATIONS)
def test_the_bug_is_found(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    MUTATIONS[name](monkeypatch)
    seeds_max = SEEDS_MAX.get(name, 400)
    assert any(run(seed).violation for seed in range(seeds_max)), f"{name} is not found in {seeds_max} seeds"
