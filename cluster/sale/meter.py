"""The generator's own limits: how busy its process and its event loop are, and how busy the machine is."""

import asyncio
import time
from dataclasses import dataclass, field
from typing import Literal

import psutil

from cluster.sale.figures import quantile

TICK_S = 0.05
CPU_MAX = 0.85
LAG_MAX_MS = 100.0
"""Beyond either of these the generator is what limits the rate. It runs on one core."""

Bottleneck = Literal["generator", "machine", "none"]

SENTENCES: dict[Bottleneck, str] = {
    "generator": "The generator was the bottleneck: the server may be faster than these figures.",
    "machine": "The machine was fully busy: generator, server and everything else on it shared it, so a server of its "
    "own may be faster.",
    "none": "The generator had time to spare: these figures are the server's.",
}


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the generator used."""

    cpu: float
    """Share of one core."""

    machine_cpu: float
    """Share of all cores that were busy, whoever kept them busy."""

    lag_ms_p99: float
    """How late the event loop came back to a timer."""

    wait_ms_p99: float
    """How long requests waited for a free connection before they were sent; not part of their latency."""

    till_wait_ms_p99: float = 0.0
    """The same for those who hold an order."""

    @property
    def bottleneck(self) -> Bottleneck:
        """What kept the rate from being higher, as far as the generator can tell."""
        if self.cpu > CPU_MAX:
            return "generator"
        if self.machine_cpu > CPU_MAX:
            return "machine"
        return "generator" if self.lag_ms_p99 > LAG_MAX_MS else "none"

    def sentence(self) -> str:
        """The verdict in words."""
        return SENTENCES[self.bottleneck]


@dataclass
class Meter:
    """Measures from `start` to `limits`."""

    lags_ms: list[float] = field(default_factory=list)
    waits_ms: list[float] = field(default_factory=list)
    till_waits_ms: list[float] = field(default_factory=list)
    _cpu_s: float = 0.0
    _wall_s: float = 0.0

    def start(self) -> None:
        """Begin."""
        self._cpu_s, self._wall_s = time.process_time(), time.perf_counter()
        psutil.cpu_percent()

    async def watch(self) -> None:
        """Look how late timers are, until cancelled."""
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK_S)
            self.lags_ms.append((time.perf_counter() - before - TICK_S) * 1000)

    def limits(self) -> Limits:
        """What was used since the start."""
        wall_s = max(time.perf_counter() - self._wall_s, 1e-9)
        return Limits(
            cpu=(time.process_time() - self._cpu_s) / wall_s,
            machine_cpu=psutil.cpu_percent() / 100,
            lag_ms_p99=quantile(sorted(self.lags_ms), 0.99),
            wait_ms_p99=quantile(sorted(self.waits_ms), 0.99),
            till_wait_ms_p99=quantile(sorted(self.till_waits_ms), 0.99),
        )
