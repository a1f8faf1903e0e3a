"""The same seed is the same run: in this process, in another one, and whatever Python's hashes are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from .schedule import run

ROOT = Path(__file__).parents[2]
SEEDS = range(24)
DIGESTS = """
from tests.simulation.schedule import run
for seed in range(24):
    print(run(seed).trace.digest())
"""


@pytest.fixture(scope="module")
def digests() -> list[str]:
    return [run(seed).trace.digest() for seed in SEEDS]


def test_a_seed_repeats_itself(digests: list[str]) -> None:
    assert [run(seed).trace.digest() for seed in SEEDS] == digests


@pytest.mark.parametrize("hash_seed", ["0", "1", "2718281828"])
def test_a_seed_is_the_same_in_every_process(hash_seed: str, digests: list[str]) -> None:
    environment = os.environ | {"PYTHONHASHSEED": hash_seed, "PYTHONPATH": str(ROOT)}
    other = subprocess.run(
        [sys.executable, "-c", DIGESTS], env=environment, cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert other.stdout.split() == digests


def test_seeds_differ(digests: list[str]) -> None:
    assert len(set(digests)) == len(digests)
