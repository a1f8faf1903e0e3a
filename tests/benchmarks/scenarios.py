"""How one side is put under one load: prepared, warmed up, measured, and checked."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from random import Random

from tests.benchmarks import wrk
from tests.benchmarks.meter import Meter, Use
from tests.benchmarks.proof import prove, settle
from tests.benchmarks.sides import Side
from tests.benchmarks.wrk import Load

CONTENDED = 1_000
"""Tickets that everybody wants."""

WARM_TICKETS, WARM_S = 200, 3
"""A warm load, which also lets whoever was held still do what was due meanwhile."""

RATE_MAX = 3_000
"""No side grants more tickets a second on such machines: so many are listed for each second."""

READ_S = 5
"""Reads are alike from the first to the last: no need to measure them for longer."""

HEADROOM = 1.2
TOLERANCE = 0.02
"""How far the achieved rate may be from the one that was offered."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One round of one side."""

    load: Load
    use: Use
    offered: float = 0.0
    """Requests a second that were offered; 0 for as many as it answers."""

    settled_s: float = 0.0
    """Seconds after the load until everything that was promised in it was done."""

    @property
    def keeps_up(self) -> bool:
        """Whether the offered rate was achieved: only then its latencies tell anything."""
        return not self.offered or abs(self.load.rate / self.offered - 1) <= TOLERANCE


@dataclass(kw_only=True)
class Stage:
    """What all loads share."""

    sessions: Sequence[str]
    """Session tokens of the buyers."""

    seconds: int
    """How long a load is measured."""

    shelves: dict[str, list[str]] = field(default_factory=dict)
    """By the name of the side: tickets that are only looked at; the oldest."""

    def contended(self, side: Side, rate: float = 0) -> Sample:
        """Fresh tickets, fewer than those who want one; those of who grants any are compared with what is stored."""
        self._warm(side)
        tickets = _stocked(side, CONTENDED)
        meter = Meter(side.family, self.seconds)
        load = wrk.reserve(side.url, tickets, self.sessions, seconds=self.seconds, rate=rate)
        use = meter.use(load.cpu_s)
        if side.database is not None:
            prove(side, tickets, load, under_way=0 if rate else wrk.CONNECTIONS)
        return Sample(load=load, use=use, offered=rate)

    def granted(self, side: Side, rate: float = 0) -> Sample:
        """Another ticket for everybody, and every answer compared with what is stored.

        In no order: who takes the next one each time would be served by what is read ahead.
        """
        self._warm(side)
        tickets = _stocked(side, int((rate * HEADROOM or RATE_MAX) * self.seconds) + wrk.CONNECTIONS)
        Random(len(tickets)).shuffle(tickets)
        settle(side)
        meter, how = Meter(side.family, self.seconds), {"each_once": True, "drain": True}
        load = wrk.reserve(side.url, tickets, self.sessions, seconds=self.seconds, rate=rate, **how)
        use, settled_s = meter.use(load.cpu_s), settle(side)
        prove(side, tickets, load)
        return Sample(load=load, use=use, offered=rate, settled_s=settled_s)

    def ticket(self, side: Side, _rate: float = 0) -> Sample:
        """GET /api/tickets/{id}."""
        return self._get(side, "/api/tickets/")

    def page(self, side: Side, _rate: float = 0) -> Sample:
        """The first page of GET /api/tickets."""
        return self._get(side, "/api/tickets")

    def furnish(self, side: Side) -> None:
        """List the tickets that are looked at, before any other."""
        self.shelves[side.name] = side.seed(CONTENDED)

    def _warm(self, side: Side) -> None:
        wrk.reserve(side.url, side.seed(WARM_TICKETS), self.sessions, seconds=WARM_S)

    def _get(self, side: Side, path: str) -> Sample:
        get = partial(wrk.get, side.url, path, self.shelves[side.name])
        get(seconds=WARM_S)
        seconds = min(self.seconds, READ_S)
        meter = Meter(side.family, seconds)
        load = get(seconds=seconds)
        return Sample(load=load, use=meter.use(load.cpu_s))


def _stocked(side: Side, count: int) -> list[str]:
    """So many new tickets, and a database that owes its disk nothing.

    MongoDB writes a checkpoint every minute, and commits wait for it for half a second: whoever was held still for so
    long would write it in the first second of the load.
    """
    tickets = side.seed(count)
    if side.database is not None:
        side.database.client.admin.command("fsync")
    return tickets
