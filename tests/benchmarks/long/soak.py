"""Full rate for ten minutes, a tenth of the clients hanging up: the rate must not sag, memory must level off.

Orders expire soon and idle actors leave soon, so that actors come and go all the time: of the requests some are granted
and most are refused.
"""

import json
import os
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import mean
from typing import Any

from actors.contract import ORDERS
from tests.benchmarks import seeding, wrk
from tests.benchmarks.long.curves import Panel, picture
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.quitters import Quitters
from tests.benchmarks.long.stage import Stage
from tests.benchmarks.long.weights import weights_mib
from tests.benchmarks.proof import lost
from tests.integration.office import JWT_KEY, ROOT, Office

WINDOW_S = 20
"""How long an order lasts, and as many seconds pass until all tickets are on sale, so that orders also expire evenly.
Taken all at once they expire all at once, and the soak begins with bursts of grants between stretches of refusals
alone, which cost less, and evens out over minutes: its rate would sag for that alone."""

SETTINGS = {"BOXOFFICE_ORDER_WINDOW_S": str(WINDOW_S), "BOXOFFICE_PASSIVATE_AFTER_S": "10"}
TICKETS, BUYERS = 2_000, 200
QUITTERS = wrk.CONNECTIONS // 9
"""A tenth of all clients."""

EVERY_S = 30
WARM_S = 40
"""From then until the first orders have expired and their actors have left: afterwards it is always the same."""

GRANTED, REFUSED = "201", "400 ticket_reserved"

Rush = Callable[..., wrk.Load]
"""`wrk.reserve` at one office: for which tickets, and for how many seconds."""


@dataclass(frozen=True, kw_only=True)
class Sample:
    """One stretch of the soak."""

    at_s: float
    """Its end."""

    granted: float
    refused: float
    left: float
    """All three per second."""

    mib: dict[str, float]
    """By kind of process, at its end."""

    @property
    def rate(self) -> float:
        """Answers per second."""
        return self.granted + self.refused

    @property
    def all_mib(self) -> float:
        """The whole office."""
        return sum(self.mib.values())


def measure(stage: Stage, minutes: float = 10, plot: Path | None = None) -> list[Figure]:
    """Load, look every half minute, and let the audit prove in the end that nothing was lost."""
    with stage.office(SETTINGS) as office:
        samples, told = soak(stage, office, minutes)
        if plot:
            plot.write_text(drawn(samples))
        # By their ids: orders of the quitters, who heard of none, would make up for lost ones in a count.
        missing = lost(office.mongo, told)
        assert not missing, f"{len(missing):,} of {len(told):,} acknowledged orders are not stored: {missing[:5]} …"
        stored = office.mongo[ORDERS].count_documents({})
        stage.say(f"the audit reads {stored:,} orders, of which {len(told):,} were acknowledged")
        violations = audited(office)
    series = [asdict(each) for each in samples]
    note = f"{minutes:g} minutes, {len(told):,} grants; first third against last third of the stretches"
    first, middle, last = thirds(samples)
    return [
        Figure(
            what="soak: rate of the last third against the first",
            value=mean(each.rate for each in last) / mean(each.rate for each in first),
            unit="x",
            must=0.9,
            aim=1.0,
            more_is_better=True,
            note=note,
            series=series,
        ),
        Figure(
            what="soak: memory of the last third against the second",
            value=mean(each.all_mib for each in last) / mean(each.all_mib for each in middle),
            unit="x",
            must=1.05,
            aim=1.02,
            note=f"from {samples[0].all_mib:,.0f} to {samples[-1].all_mib:,.0f} MiB (proportional set size)",
        ),
        Figure(what="soak: violations in the audit", value=violations, unit="", must=0, aim=0),
    ]


def soak(stage: Stage, office: Office, minutes: float) -> tuple[list[Sample], list[str]]:
    """The samples after the warm-up, and the ids of all orders that were acknowledged."""
    tickets, sessions = seeding.tickets(office.mongo, TICKETS), seeding.sessions(JWT_KEY, BUYERS)
    rush: Rush = partial(wrk.reserve, office.url, sessions=sessions)
    samples: list[Sample] = []
    with Quitters(office.port, QUITTERS, tickets, sessions) as quitters:
        told = [*opened(rush, tickets), *rush(tickets, seconds=WARM_S).granted]
        began = time.monotonic()
        quitters.left()
        while time.monotonic() - began < minutes * 60 - EVERY_S / 2:
            found = rush(tickets, seconds=EVERY_S)
            told += found.granted
            samples.append(sampled(office, time.monotonic() - began, found.answers, quitters.left()))
            stage.say(line(samples[-1]))
    return samples, told


def opened(rush: Rush, tickets: Sequence[str]) -> Iterator[str]:
    """Put the next part of the tickets on sale each second: the ids of the orders that were acknowledged."""
    for second in range(1, WINDOW_S + 1):
        yield from rush(tickets[: len(tickets) * second // WINDOW_S], seconds=1).granted


def sampled(office: Office, at_s: float, answers: dict[str, int], left: int) -> Sample:
    """One stretch."""
    granted, refused = (answers.get(each, 0) / EVERY_S for each in (GRANTED, REFUSED))
    return Sample(at_s=at_s, granted=granted, refused=refused, left=left / EVERY_S, mib=dict(weights_mib(office)))


def line(sample: Sample) -> str:
    """A stretch for people."""
    heaviest = ", ".join(f"{name} {mib:,.0f}" for name, mib in Counter(sample.mib).most_common())
    return (
        f"{sample.at_s:4.0f} s: {sample.granted:,.0f} granted + {sample.refused:,.0f} refused, "
        f"{sample.left:,.0f} hung up per second; {sample.all_mib:,.0f} MiB ({heaviest})"
    )


def thirds(samples: Sequence[Sample]) -> tuple[Sequence[Sample], Sequence[Sample], Sequence[Sample]]:
    """The first, the second and the last third; neighbours share a sample where there are few."""
    size = max(1, -(-len(samples) // 3))
    start = (len(samples) - size) // 2
    return samples[:size], samples[start : start + size], samples[-size:]


def audited(office: Office) -> int:
    """Violations that `boxoffice audit` finds.

    Raises:
        AssertionError: it could not be done.
    """
    environ = os.environ | {"BOXOFFICE_DATA_DIR": str(office.folder)}
    command = [sys.executable, "-m", "cluster", "audit", "--json"]
    done = subprocess.run(command, cwd=ROOT, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode in (0, 1), f"the audit could not be done:\n{done.stderr}"
    report: dict[str, Any] = json.loads(done.stdout)
    return len(report["violations"])


def drawn(samples: Sequence[Sample]) -> str:
    """Both curves."""
    kinds = [name for name, _ in Counter(samples[-1].mib).most_common()]
    rates = {name: [(each.at_s, getattr(each, name)) for each in samples] for name in ("rate", "granted", "refused")}
    weights = {kind: [(each.at_s, each.mib.get(kind, 0.0)) for each in samples] for kind in kinds}
    total = {"all": [(each.at_s, each.all_mib) for each in samples]}
    return picture([Panel("Answers per second", rates), Panel("MiB, proportional set size", total | weights)])
