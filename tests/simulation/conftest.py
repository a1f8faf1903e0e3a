"""How many schedules run (`--seeds`, `BOXOFFICE_SEEDS`), and the report at the end."""

import os

import pytest

from .tally import Tally

SEEDS = 3_000
CHUNK = 100
"""Schedules in one test: enough to show progress, few enough to point at a seed."""

TALLY = pytest.StashKey[Tally]()


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("simulation")
    group.addoption("--seeds", type=int, help=f"how many schedules to simulate (BOXOFFICE_SEEDS, {SEEDS})")
    group.addoption("--first-seed", type=int, help="the first seed (BOXOFFICE_FIRST_SEED, 0)")


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


@pytest.fixture(scope="session")
def tally(request: pytest.FixtureRequest) -> Tally:
    return request.config.stash.setdefault(TALLY, Tally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash.get(TALLY, None)
    if tally is not None and tally.schedules:
        terminalreporter.section("simulation")
        for line in tally.lines():
            terminalreporter.line(line)
