"""The generator's own limits: its process, its event loop, its connections, and the machine it shares.

What it does too late it must not measure as if it had been in time (coordinated omission): stalls of the event loop are
weighed by how long they last, and requests wait from the moment at which their buyers were due.
"""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal

from cluster.sale.busy import Busy
from cluster.sale.figures import quantile
from cluster.sale.stalls import weighed

TICK_S = 0.05
CPU_MAX = 0.85
LAG_MAX_MS = WAIT_MAX_MS = 100.0
"""Beyond any of these it is not the server alone that limits the rate. The generator runs on one core."""

Bottleneck = Literal["generator", "machine", "connections", "none"]

NOT_SHARED = "The generator's machine was fully busy: the server, on another one, may be faster than these figures."
SENTENCES: dict[Bottleneck, str] = {
    "generator": "The generator was the bottleneck: the server may be faster than these figures.",
    "machine": "The machine was fully busy: generator, server and everything else on it shared it, so a server of its "
    "own may be faster.",
    "connections": "Buyers waited for one of the generator's connections, which these latencies leave out. With "
    "more (--connections) the server may do more, or only answer later: here the two cannot be told apart.",
    "none": "The generator had time to spare: these figures are the server's.",
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the generator used."""

    cpu: float
    """Share of one core, in the busiest second."""

    machine_cpu: float
    """Share of all cores that were busy, whoever kept them busy, in the busiest second. In a container: of its host."""

    lag_ms_p99: float
    """How late the event loop came back to a timer: no later than that for 99 % of the time."""

    wait_ms_p99: float
    """How long requests waited, for the generator and for a free connection, from when their buyers were due until
    they were sent; not part of their latency."""

    till_wait_ms_p99: float = 0.0
    """The same for those who hold an order."""

    shares_machine: bool = True
    """The server runs on the generator's machine."""

    @property
    def bottleneck(self) -> Bottleneck:
        """What kept the rate from being higher, as far as the generator can tell."""
        if self.cpu > CPU_MAX:
            return "generator"
        if self.machine_cpu > CPU_MAX:
            return "machine"
        if self.lag_ms_p99 > LAG_MAX_MS:
            return "generator"
        return "connections" if max(self.wait_ms_p99, self.till_wait_ms_p99) > WAIT_MAX_MS else "none"

    def sentence(self) -> str:
        """The verdict in words."""
        is_apart = self.bottleneck == "machine" and not self.shares_machine
        return NOT_SHARED if is_apart else SENTENCES[self.bottleneck]

    def words(self) -> tuple[str, str, str]:
        """What was used, how long buyers waited beside their latencies, and the verdict."""
        used = f"{self.cpu:.0%} of a core in the busiest second, late by {self.lag_ms_p99:,.0f} ms (p99 of the time); "
        waited = f"{self.wait_ms_p99:,.0f} ms (p99), with a ticket {self.till_wait_ms_p99:,.0f} ms"
        return (
            f"{used}machine (in a container: its host) {self.machine_cpu:.0%} busy in its busiest second.",
            f"Beside their latency, requests waited from when they were due until they were sent: {waited}.",
            self.sentence(),
        )


@dataclass
class Meter:
    """Measures from `start` to `limits`."""

    lags_ms: list[float] = field(default_factory=list)
    """One for each timer that rang; the next is set only then."""

    waits_ms: list[float] = field(default_factory=list)
    till_waits_ms: list[float] = field(default_factory=list)
    busy: Busy = field(default_factory=Busy)
    shares_machine: bool = True
    """The server runs on this machine too."""

    def start(self) -> None:
        """Begin."""
        self.busy = Busy()

    async def watch(self) -> None:
        """Look how late timers are, and how busy it is, until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.lags_ms.append((time.perf_counter() - before - TICK_S) * 1000)
            self.busy.look()

    def limits(self) -> Limits:
        """What was used since the start."""
        self.busy.finish()
        return Limits(
            cpu=self.busy.cpu,
            machine_cpu=self.busy.machine_cpu,
            lag_ms_p99=quantile(weighed(self.lags_ms, TICK_S * 1000), 0.99),
            wait_ms_p99=quantile(sorted(self.waits_ms), 0.99),
            till_wait_ms_p99=quantile(sorted(self.till_waits_ms), 0.99),
            shares_machine=self.shares_machine,
        )
