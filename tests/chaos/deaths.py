"""Kills one process after the other among the fault schedules of many orders."""

import threading
from collections.abc import Callable

import psutil

from tests.chaos.victims import kill, sandbox_of, supervisor
from tests.integration.money import sandbox
from tests.integration.money_faults import armed, struck
from tests.integration.money_schedules import FaultTally, count
from tests.integration.office import Office
from tests.waiting import wait_for


class Deaths:
    """Kills one process after the other, each once its share of the faults has happened."""

    def __init__(self, office: Office, number: int) -> None:
        """`number` faults are to happen in all."""
        self._office = office
        self._number = number
        self._thread = threading.Thread(target=self._run)
        self.killed: list[str] = []
        self.before: FaultTally = FaultTally()
        """What had happened when the sandbox died, and forgot it."""

    def __enter__(self) -> "Deaths":
        """Lie in wait."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """All of them have died."""
        self._thread.join(60)

    def _run(self) -> None:
        self._kill("payments", 0.15, lambda: supervisor(self._office, "payments"))
        self._kill("orders", 0.3, lambda: supervisor(self._office, "orders"))
        self._kill("payments again", 0.5, lambda: supervisor(self._office, "payments"))
        self._kill("sandbox", 0.7, self._sandbox)

    def _kill(self, name: str, share: float, find: Callable[[], psutil.Process]) -> None:
        with sandbox(self._office) as stripe:
            wait_for(f"{share:.0%} of the faults", lambda: struck(stripe) >= share * self._number, 60)
            kill(find())
        self.killed.append(name)

    def _sandbox(self) -> psutil.Process:
        with sandbox(self._office) as stripe:
            count([], armed(stripe), self.before)
        return sandbox_of(self._office)
