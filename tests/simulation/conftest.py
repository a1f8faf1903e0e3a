"""How many schedules run (`--seeds`, `--pairs` or BOXOFFICE_SEEDS, BOXOFFICE_PAIRS), and the report at the end."""

import os

import pytest

from .tally import Tally
from .ways import WAYS

SEEDS = 2_000
"""Schedules in which everything follows from the seed."""

PAIRS = 140
"""Pairs of faults on each way, beside every fault alone."""

CHUNK = 100
"""Schedules in one test: enough to show progress, few enough to point at a seed."""

TALLIES = pytest.StashKey[dict[str, Tally]]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulation")
    group.addoption("--seeds", type=int, help=f"how many random schedules to simulate (BOXOFFICE_SEEDS, {SEEDS})")
    group.addoption("--first-seed", type=int, help="the first seed (BOXOFFICE_FIRST_SEED, 0)")
    group.addoption("--pairs", type=int, help=f"how many pairs of faults on each way (BOXOFFICE_PAIRS, {PAIRS})")


def option(config: pytest.Config, name: str, default: int) -> int:
    """A number from the command line, else from the environment; the option is unknown when all tests run."""
    given = config.getoption(name, default=None)
    return given if given is not None else int(os.environ.get(f"BOXOFFICE_{name.upper()}", default))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "seeds" in metafunc.fixturenames:
        first = option(metafunc.config, "first_seed", 0)
        end = first + option(metafunc.config, "seeds", SEEDS)
        chunks = [range(start, min(start + CHUNK, end)) for start in range(first, end, CHUNK)]
        metafunc.parametrize("seeds", chunks, ids=[f"{chunk.start}-{chunk.stop - 1}" for chunk in chunks])
    if "way" in metafunc.fixturenames:
        metafunc.parametrize("way", WAYS)
    if "some_pairs" in metafunc.fixturenames:
        number = option(metafunc.config, "pairs", PAIRS)
        chunks = [range(start, min(start + CHUNK, number)) for start in range(0, number, CHUNK)]
        metafunc.parametrize("some_pairs", chunks, ids=[f"{chunk.start}-{chunk.stop - 1}" for chunk in chunks])


@pytest.fixture(scope="session")
def tallies(request: pytest.FixtureRequest) -> dict[str, Tally]:
    return request.config.stash.setdefault(TALLIES, {})


@pytest.fixture(scope="session")
def tally(tallies: dict[str, Tally]) -> Tally:
    """Of the random schedules."""
    return tallies.setdefault("random", Tally("random"))


@pytest.fixture(scope="session")
def plan_tally(tallies: dict[str, Tally]) -> Tally:
    """Of the systematic ones."""
    return tallies.setdefault("systematic", Tally("systematic"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tallies = [each for each in config.stash.get(TALLIES, {}).values() if each.schedules]
    if tallies:
        terminalreporter.section(f"simulation: {sum(each.schedules for each in tallies)} fault schedules")
        for line in (line for each in tallies for line in each.lines()):
            terminalreporter.line(line)
