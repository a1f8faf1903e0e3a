"""The same with 1,000,000 tickets stored as with 1,000: two offices in turn; who is not measured is held still."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median

from tests.benchmarks import seeding, wrk
from tests.benchmarks.family import Family
from tests.benchmarks.long.figure import Figure
from tests.benchmarks.long.stage import Stage
from tests.benchmarks.offices import family_of
from tests.integration.office import JWT_KEY, Office

FEW, MANY = 1_000, 1_000_000
BUYERS = 200
CONTENDED = 1_000
CHUNK = 10_000
SETTINGS = {"BOXOFFICE_MONGO_CACHE_MIB": "1024"}
"""A million tickets do not fit into the cache that an embedded MongoDB has by default: of two offices, for both."""

ROUNDS = 3
WARM_S, SECONDS = 2, 6
MUST, AIM = 0.9, 1.0


@dataclass(frozen=True)
class Shop:
    """One of the two offices."""

    office: Office
    stored: list[str]
    """The tickets that were there before."""

    family: Family

    def contended(self, sessions: list[str], seconds: int) -> float:
        """Fresh tickets, fewer than those who want one."""
        fresh = seeding.tickets(self.office.mongo, CONTENDED)
        return wrk.reserve(self.office.url, fresh, sessions, seconds=seconds).rate

    def ticket(self, _sessions: list[str], seconds: int) -> float:
        """Any of the stored tickets."""
        return wrk.get(self.office.url, "/api/tickets/", self.stored, seconds=seconds).rate

    def page(self, _sessions: list[str], seconds: int) -> float:
        """The first page of the list."""
        return wrk.get(self.office.url, "/api/tickets", self.stored, seconds=seconds).rate


LOADS: dict[str, Callable[[Shop, list[str], int], float]] = {
    "contended POST /api/orders": Shop.contended,
    "GET /api/tickets/{id}": Shop.ticket,
    "GET /api/tickets, first page": Shop.page,
}


def measure(stage: Stage) -> list[Figure]:
    """Alternate, and compare the medians."""
    with stage.office(SETTINGS) as small, stage.office(SETTINGS) as large:
        shops = [stocked(stage, small, FEW), stocked(stage, large, MANY)]
        rates = rounds(stage, shops)
    return [compared(what, few, many) for what, (few, many) in rates.items()]


def stocked(stage: Stage, office: Office, count: int) -> Shop:
    """An office with so many tickets, held still."""
    stored: list[str] = []
    while len(stored) < count:
        stored += seeding.tickets(office.mongo, min(CHUNK, count - len(stored)))
        stage.say_sometimes(f"{len(stored):,} tickets seeded")
    family = family_of(office)
    family.pause()
    return Shop(office, stored, family)


def rounds(stage: Stage, shops: list[Shop]) -> dict[str, tuple[list[float], list[float]]]:
    """For each load the rates of both."""
    sessions = seeding.sessions(JWT_KEY, BUYERS)
    rates: dict[str, tuple[list[float], list[float]]] = {what: ([], []) for what in LOADS}
    for _ in range(ROUNDS):
        for what, load in LOADS.items():
            for shop, found in zip(shops, rates[what], strict=True):
                with awake(shop):
                    load(shop, sessions, WARM_S)
                    found.append(load(shop, sessions, SECONDS))
                stage.say(f"{what}, {len(shop.stored):,} stored: {found[-1]:,.0f} per second")
    return rates


@contextmanager
def awake(shop: Shop) -> Iterator[None]:
    """Let one office run."""
    shop.family.resume()
    try:
        yield
    finally:
        shop.family.pause()


def compared(what: str, few: list[float], many: list[float]) -> Figure:
    """The ratio of the medians; only reserving has a bound."""
    bounds = {"must": MUST, "aim": AIM} if "POST" in what else {}
    return Figure(
        what=f"{what}: {MANY:,} tickets stored against {FEW:,}",
        value=median(many) / median(few),
        unit="x",
        more_is_better=True,
        note=f"medians of {ROUNDS} rounds in turn: {median(many):,.0f} against {median(few):,.0f} per second",
        **bounds,
    )
