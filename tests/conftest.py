"""The report of the fault schedules that ran over HTTP."""

import pytest

from tests.integration.money_schedules import FaultTally

TALLY = pytest.StashKey[FaultTally]()


@pytest.fixture(scope="session")
def fault_tally(request: pytest.FixtureRequest) -> FaultTally:
    """Of the whole run."""
    return request.config.stash.setdefault(TALLY, FaultTally())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    tally = config.stash.get(TALLY, FaultTally())
    if tally.schedules:
        terminalreporter.section("faults at Stripe over HTTP")
        for line in tally.lines():
            terminalreporter.line(line)
